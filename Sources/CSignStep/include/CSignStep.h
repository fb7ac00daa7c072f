// The elementwise loops of AckMetric: the steps of one pair, on rows of `width` elements.
//
// They are C because the Swift compiler vectorises for the oldest processor alone; here the C library
// picks a build for the processor it runs on. Every width is a multiple of CSIGNSTEP_LANES, rows are
// padded with zeros, and no row overlaps another.
#ifndef ROBUSTMETRIC_CSIGNSTEP_H
#define ROBUSTMETRIC_CSIGNSTEP_H

#include <stdint.h>

/// What every width is a multiple of.
#define CSIGNSTEP_LANES 8
/// The entries of one block: one vector.
#define CSIGNSTEP_BLOCK_float 8
#define CSIGNSTEP_BLOCK_double 4

#define CSIGNSTEP_DECLARE(T, NAME)                                                                   \
  /** One sign step of one point: target = clip(delta + length·sign(gradient)), clipped to ±limit     \
      and to [low, high]. `lengths` and `limits` replace `length` and `limit` where they are not      \
      null. `measures` gets max|target − delta|, max|target|, and Σ sense·(target − delta)·gradient.  \
      Returns the number of entries whose change sense·(target − delta) differs from `known` by more  \
      than `tolerance`, listed in ascending order with the differences; −1 if they are more than      \
      `capacity`, or if `known` is null. The lists need room for `width` entries.                     \
      `rests` has an element for every CSIGNSTEP_BLOCK_##NAME entries, at least 0 where the block     \
      rests: `target` equals `delta` there, and the step would change nothing. Such blocks are        \
      skipped; for the others it gets max|target| if they would rest in the next step, else −1. It    \
      may be null, and is not read without lists. */                                                  \
  long csignstep_step_##NAME(                                                                         \
      long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit,  \
      const T *lengths, const T *limits, T sense, const T *known, T tolerance, long capacity,         \
      T *target, T *rests, int32_t *indices, T *values, T *measures);                                 \
  /** result = scale·(first − second). */                                                             \
  void csignstep_change_##NAME(long width, T scale, const T *first, const T *second, T *result);      \
  /** The entries with |move − ratio·known| > tolerance, ascending; −1 if more than `capacity`. The  \
      lists need room for `width` entries. */                                                         \
  long csignstep_changes_##NAME(                                                                      \
      long width, const T *move, const T *known, T ratio, T tolerance, long capacity,                 \
      int32_t *indices, T *values);                                                                   \
  /** row += Σ values[e]·matrix[indices[e]], rows of `matrix` being `width` apart. */                 \
  void csignstep_add_rows_##NAME(                                                                     \
      long width, const T *matrix, const int32_t *indices, const T *values, long count, T *row);      \
  /** Σ first·second. */                                                                              \
  T csignstep_dot_##NAME(long width, const T *first, const T *second);                                \
  /** row ← row + other. */                                                                           \
  void csignstep_add_##NAME(long width, T *row, const T *other);                                      \
  /** gradient ← gradient + product; −1 in both `rests` where the sign of an entry changes. */        \
  void csignstep_turn_##NAME(                                                                         \
      long width, T *gradient, const T *product, T *first_rests, T *second_rests);                    \
  /** result = (T)(first − second). */                                                                \
  void csignstep_difference_##NAME(long count, const double *first, const double *second, T *result); \
  /** result = x + delta, rounded towards x and clipped to [low, high]. */                            \
  void csignstep_moved_##NAME(                                                                        \
      long count, const double *x, const T *delta, const double *low, const double *high,             \
      double *result);

CSIGNSTEP_DECLARE(float, float)
CSIGNSTEP_DECLARE(double, double)
#undef CSIGNSTEP_DECLARE

#endif
