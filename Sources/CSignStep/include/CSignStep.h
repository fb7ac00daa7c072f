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

/// The widest row that whole courses may have.
#define CSIGNSTEP_COURSE_WIDTH 64

/// Which points of a pair a step may move.
enum { CSIGNSTEP_FIRST, CSIGNSTEP_EITHER, CSIGNSTEP_TURNS, CSIGNSTEP_BOTH };

/// What a course goes by, for all pairs of a list.
#define CSIGNSTEP_RULES(T, NAME)                                                                    \
  typedef struct {                                                                                  \
    /** The radius of the first point and of the second, or of both together if it is shared. */    \
    T first_radius, second_radius;                                                                  \
    int is_shared;                                                                                  \
    /** The step, below zero where D is to fall; and whether it is. */                              \
    T length;                                                                                       \
    int lowers;                                                                                     \
    /** One of the four above; with BOTH a step may move one point or both at once. */              \
    int moving;                                                                                     \
    long max_steps;                                                                                 \
    /** How many of the first steps move steep features alone. */                                   \
    long patience;                                                                                  \
    /** An upper bound of M's largest eigenvalue. */                                                \
    T largest_eigenvalue;                                                                           \
    int stops_at_success;                                                                           \
  } csignstep_rules_##NAME;                                                                         \
  /** The rows of a pair: how far the domain lets its points go down and up; and, read and written, \
      M·z, both perturbations, and both of the strongest iterate, which are there only where it is  \
      not the current one. */                                                                       \
  typedef struct {                                                                                  \
    const T *first_low, *first_high, *second_low, *second_high;                                     \
    T *gradient, *first_delta, *second_delta, *first_best, *second_best;                            \
  } csignstep_rows_##NAME;                                                                          \
  /** Where a pair stands. */                                                                       \
  typedef struct {                                                                                  \
    T current, best, used_by_first, used_by_second;                                                 \
    /** Steps, and those of them that moved a point. */                                             \
    long steps, iterations, idle_steps;                                                             \
    int best_is_current, moves_all, vanished, ended;                                                \
  } csignstep_state_##NAME;

CSIGNSTEP_RULES(float, float)
CSIGNSTEP_RULES(double, double)
#undef CSIGNSTEP_RULES

#define CSIGNSTEP_DECLARE(T, NAME)                                                                  \
  /** One sign step of one point: target = clip(delta + length·sign(gradient)), clipped to ±limit   \
      and to [low, high]. `lengths` and `limits` replace `length` and `limit` where they are not    \
      null. `measures` gets max|target − delta|, max|target|, and Σ sense·(target − delta)·gradient. \
      Returns the number of entries whose change sense·(target − delta) differs from `known` by more \
      than `tolerance`, listed in ascending order with the differences; −1 if they are more than    \
      `capacity`, or if `known` is null. The lists need room for three entries more than `width`.   \
      `rests` has an element for every CSIGNSTEP_BLOCK_##NAME entries, at least 0 where the block   \
      rests: `target` equals `delta` there, and the step would change nothing. Such blocks are      \
      skipped; for the others it gets max|target| if they would rest in the next step, else −1. It  \
      may be null, and is not read without lists. */                                                \
  long csignstep_step_##NAME(                                                                       \
      long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit, \
      const T *lengths, const T *limits, T sense, const T *known, T tolerance, long capacity,       \
      T *target, T *rests, int32_t *indices, T *values, T *measures);                               \
  /** The step of a point that stays where it was in the step before, when no limit moved it but its room: \
      `target`, and a list of `count` entries, are of that step, and the gradient has turned in the \
      blocks of CSIGNSTEP_BLOCK_##NAME entries that are listed. The answer is that of a whole step, bit \
      for bit. */                                                                                   \
  long csignstep_repeat_##NAME(                                                                     \
      long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit, \
      T sense, const T *known, T tolerance, long capacity, const int32_t *blocks, long block_count, \
      T *target, int32_t *indices, T *values, long count, T *measures);                             \
  /** result = scale·(first − second). */                                                           \
  void csignstep_change_##NAME(long width, T scale, const T *first, const T *second, T *result);    \
  /** result = base + scale·(first + second). */                                                    \
  void csignstep_shift_##NAME(                                                                      \
      long width, const T *base, T scale, const T *first, const T *second, T *result);              \
  /** The entries with |move − ratio·known| > tolerance, ascending; −1 if more than `capacity`. The \
      lists need room for three entries more than `width`. */                                       \
  long csignstep_changes_##NAME(                                                                    \
      long width, const T *move, const T *known, T ratio, T tolerance, long capacity,               \
      int32_t *indices, T *values);                                                                 \
  /** row += Σ values[e]·matrix[indices[e]], rows of `matrix` being `width` apart. */               \
  void csignstep_add_rows_##NAME(                                                                   \
      long width, const T *matrix, const int32_t *indices, const T *values, long count, T *row);    \
  /** Σ first·second. */                                                                            \
  T csignstep_dot_##NAME(long width, const T *first, const T *second);                              \
  /** gradient ← gradient + product; lists the blocks in which an entry changes its sign or is 0, and \
      returns their number. The list needs room for one block more than there are. */               \
  long csignstep_add_listing_##NAME(                                                                \
      long width, T *gradient, const T *product, int32_t *blocks);                                  \
  /** gradient ← gradient + product; −1 in both `rests` where the sign of an entry changes. */      \
  void csignstep_turn_##NAME(                                                                       \
      long width, T *gradient, const T *product, T *first_rests, T *second_rests);                  \
  /** result = (T)(first − second). */                                                              \
  void csignstep_difference_##NAME(long count, const double *first, const double *second, T *result); \
  /** result = x + delta, rounded towards x and clipped to [low, high]. */                          \
  void csignstep_moved_##NAME(                                                                      \
      long count, const double *x, const T *delta, const double *low, const double *high,           \
      double *result);                                                                              \
  /** All steps of one pair to its end, for rows of at most CSIGNSTEP_COURSE_WIDTH entries. A row of \
      `matrix` is one of M; none is read for entries that are no features and have no room. `history` \
      gets D after every step, or is null. */                                                       \
  void csignstep_course_##NAME(                                                                     \
      long width, const T *matrix, const csignstep_rules_##NAME *rules,                             \
      const csignstep_rows_##NAME *rows, double threshold, csignstep_state_##NAME *state,           \
      double *history);

CSIGNSTEP_DECLARE(float, float)
CSIGNSTEP_DECLARE(double, double)
#undef CSIGNSTEP_DECLARE

#endif
