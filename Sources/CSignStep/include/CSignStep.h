// The elementwise loops of AckMetric: the steps of one pair, on rows of `width` elements.
//
// They are C because the Swift compiler vectorises for the oldest processor alone; here the C library
// picks a build for the processor it runs on. Every width is a multiple of CSIGNSTEP_LANES, rows are
// padded with zeros, and no row overlaps another.
#ifndef ROBUSTMETRIC_CSIGNSTEP_H
#define ROBUSTMETRIC_CSIGNSTEP_H

#include <stdint.h>

/// What every width is a multiple of.
#define CSIGNSTEP_LANES 16

#define CSIGNSTEP_DECLARE(T, NAME)                                                                   \
  /** One sign step of one point: target = clip(delta + length·sign(gradient)), clipped to ±limit     \
      and to [low, high]; change = sense·(target − delta). `lengths` and `limits` replace `length`    \
      and `limit` where they are not null. `measures` gets max|change| and max|target|. */            \
  void csignstep_move_##NAME(                                                                         \
      long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit,  \
      const T *lengths, const T *limits, T sense, T *target, T *change, T *measures);                 \
  /** The entries with |move − ratio·known| > tolerance, ascending; −1 if more than `capacity`. The  \
      lists need room for `width` entries. */                                                         \
  long csignstep_changes_##NAME(                                                                      \
      long width, const T *move, const T *known, T ratio, T tolerance, long capacity,                 \
      int32_t *indices, T *values);                                                                   \
  /** row += Σ values[e]·matrix[indices[e]], rows of `matrix` being `width` apart. */                 \
  void csignstep_add_rows_##NAME(                                                                     \
      long width, const T *matrix, const int32_t *indices, const T *values, long count, T *row);      \
  /** Σ change·(2·gradient + product). */                                                             \
  T csignstep_gain_##NAME(long width, const T *change, const T *gradient, const T *product);          \
  /** row ← scale·row + other. */                                                                     \
  void csignstep_add_##NAME(long width, T scale, T *row, const T *other);                             \
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
