// Whole courses of small pairs, for one scalar type. Included after kernels.h, once per type.

// Some vectors of Σ change[k]·(row k of M), in two sums each so that additions need not wait.
static inline __attribute__((always_inline)) void NAME(product_part)(
    const int vectors, long width, long order, const T *matrix, const T *change, T *result) {
  V even[6], odd[6];
  for (int i = 0; i < vectors; i++) even[i] = odd[i] = (V)(T)0;
  long k = 0;
  for (; k + 2 <= order; k += 2) {
    const V first = change[k], second = change[k + 1];
    const T *row = matrix + k * width;
    for (int i = 0; i < vectors; i++) even[i] += first * LOAD(row + i * VL);
    for (int i = 0; i < vectors; i++) odd[i] += second * LOAD(row + width + i * VL);
  }
  if (k < order) {
    const V last = change[k];
    for (int i = 0; i < vectors; i++) even[i] += last * LOAD(matrix + k * width + i * VL);
  }
  for (int i = 0; i < vectors; i++) STORE(result + i * VL, even[i] + odd[i]);
}

// result = M·change.
static inline __attribute__((always_inline)) void NAME(product)(
    long width, long order, const T *matrix, const T *change, T *result) {
  long left = width / VL;
  while (left > 0) {
    const long part = left > 6 ? 4 : left;
    switch (part) {
      case 1: NAME(product_part)(1, width, order, matrix, change, result); break;
      case 2: NAME(product_part)(2, width, order, matrix, change, result); break;
      case 3: NAME(product_part)(3, width, order, matrix, change, result); break;
      case 4: NAME(product_part)(4, width, order, matrix, change, result); break;
      case 5: NAME(product_part)(5, width, order, matrix, change, result); break;
      default: NAME(product_part)(6, width, order, matrix, change, result);
    }
    matrix += part * VL;
    result += part * VL;
    left -= part;
  }
}

static inline __attribute__((always_inline)) T NAME(product_of)(
    long width, const T *first, const T *second) {
  V products = 0;
  for (long k = 0; k < width; k += VL) products += LOAD(first + k) * LOAD(second + k);
  T sum = 0;
  for (int i = 0; i < VL; i++) sum += products[i];
  return sum;
}

static inline __attribute__((always_inline)) void NAME(copy)(long width, T *target, const T *source) {
  for (long k = 0; k < width; k += VL) STORE(target + k, LOAD(source + k));
}

// radius − used, not above the exact difference, and not below 0.
static inline T NAME(rest_of)(T radius, T used) {
  T difference = radius - used;
  const T part = radius - difference;
  const T error = (radius - (difference + part)) + (part - used);
  if (error < 0 && difference > 0) {
    BITS bits;
    __builtin_memcpy(&bits, &difference, sizeof bits);
    bits--;
    __builtin_memcpy(&difference, &bits, sizeof bits);
  }
  return difference > 0 ? difference : 0;
}

// How far a point may go that has gone as far as `own`, when the other has used a part of the radius. What
// rounding alone left is not worth a step.
static inline T NAME(reach)(T radius, T own, T used) {
  const T left = NAME(rest_of)(radius, used);
  return own <= left && left - own <= 64 * EPSILON * radius ? own : left;
}

// The move of one point that a step may take.
typedef struct {
  T *delta, *target;
  T change[CSIGNSTEP_COURSE_WIDTH], product[CSIGNSTEP_COURSE_WIDTH];
  T longest, furthest, slope, gain;
  int is_known;
} NAME(move);

static inline __attribute__((always_inline)) void NAME(form)(
    NAME(move) * move, long width, const T *slopes, const T *low, const T *high, T length, T reach,
    T sense) {
  if (!(reach > 0)) return;
  T measures[3];
  NAME(step_loop)
  (0, 0, 0, width, slopes, move->delta, low, high, length, reach, 0, 0, sense, 0, 0, 0,
   move->target, 0, 0, 0, measures);
  move->longest = measures[0];
  move->furthest = measures[1];
  move->slope = measures[2];
  move->is_known = 0;
  if (move->longest == 0) return;
  for (long k = 0; k < width; k += VL) {
    STORE(move->change + k, sense * (LOAD(move->target + k) - LOAD(move->delta + k)));
  }
}

// Forms the products of both moves, or of one where it shows that the other is worse whatever its
// product is: 0 ≤ uᵀMu ≤ λ·‖u‖².
static inline __attribute__((always_inline)) void NAME(multiply)(
    NAME(move) moves[2], long width, long order, const T *matrix, const NAME(rules) * rules, T tie) {
  const int second_leads = rules->lowers ? moves[1].slope < moves[0].slope : moves[1].slope > moves[0].slope;
  const NAME(move) *const leader = &moves[second_leads];
  for (int i = 0; i < 2; i++) {
    NAME(move) *const move = &moves[i ^ second_leads];
    if (move->longest == 0) continue;
    if (leader->is_known && rules->moving != CSIGNSTEP_BOTH) {
      const T squared = NAME(product_of)(width, move->change, move->change);
      const T most = rules->largest_eigenvalue * squared;
      if (rules->lowers ? 2 * move->slope - tie > leader->gain
                        : 2 * move->slope + most + tie < leader->gain) {
        continue;
      }
    }
    NAME(product)(width, order, matrix, move->change, move->product);
    move->gain = 2 * move->slope + NAME(product_of)(width, move->change, move->product);
    move->is_known = 1;
  }
}

// Forms the moves of both points along slopes; whether any of them moves.
static inline __attribute__((always_inline)) int NAME(form_both)(
    NAME(move) moves[2], long width, const T *slopes, const NAME(rows) * rows,
    const NAME(rules) * rules, const NAME(state) * state) {
  const int turn = rules->moving == CSIGNSTEP_TURNS ? (int)(state->steps & 1) : -1;
  moves[0].longest = moves[1].longest = 0;
  moves[0].slope = moves[1].slope = 0;
  moves[0].is_known = moves[1].is_known = 0;
  if (turn != 1) {
    const T used = rules->is_shared ? state->used_by_second : 0;
    NAME(form)(&moves[0], width, slopes, rows->first_low, rows->first_high, rules->length,
               NAME(reach)(rules->first_radius, state->used_by_first, used), 1);
  }
  if (turn != 0 && rules->moving != CSIGNSTEP_FIRST) {
    const T used = rules->is_shared ? state->used_by_first : 0;
    NAME(form)(&moves[1], width, slopes, rows->second_low, rows->second_high, -rules->length,
               NAME(reach)(rules->second_radius, state->used_by_second, used), -1);
  }
  return moves[0].longest > 0 || moves[1].longest > 0;
}

// Takes a move: swaps the perturbations and turns the gradient.
static inline __attribute__((always_inline)) T NAME(accept)(
    NAME(move) * move, long width, T *gradient) {
  T *const old = move->delta;
  move->delta = move->target;
  move->target = old;
  for (long k = 0; k < width; k += VL) {
    STORE(gradient + k, LOAD(gradient + k) + LOAD(move->product + k));
  }
  return move->furthest;
}

// The slopes with those below a share of the largest one set to zero.
static inline __attribute__((always_inline)) void NAME(keep_steep)(
    long width, const T *slopes, T share, T *result) {
  V largest = 0;
  for (long k = 0; k < width; k += VL) {
    const V size = __builtin_elementwise_abs(LOAD(slopes + k));
    largest = LARGER(size, largest);
  }
  const T floor = share * __builtin_reduce_max(largest);
  for (long k = 0; k < width; k += VL) {
    const V slope = LOAD(slopes + k);
    STORE(result + k, (V)((W)slope & (__builtin_elementwise_abs(slope) >= floor)));
  }
}

CLONES void NAME(course)(
    long width, long order, const T *matrix, const NAME(rules) * rules, const NAME(rows) * rows,
    double threshold, NAME(state) * state, double *history) {
  T places[4][CSIGNSTEP_COURSE_WIDTH], gradient[CSIGNSTEP_COURSE_WIDTH], steep[CSIGNSTEP_COURSE_WIDTH];
  NAME(move) moves[2];
  for (int i = 0; i < 2; i++) {
    moves[i].delta = places[2 * i];
    moves[i].target = places[2 * i + 1];
  }
  NAME(copy)(width, moves[0].delta, rows->first_delta);
  NAME(copy)(width, moves[1].delta, rows->second_delta);
  NAME(copy)(width, gradient, rows->gradient);
  while (!state->ended && state->steps < rules->max_steps) {
    int waits, moving;
    do {
      waits = state->steps < rules->patience && !state->moves_all;
      if (waits) {
        const T share = (T)(0.1 * (double)(rules->patience - state->steps) / (double)rules->patience);
        NAME(keep_steep)(width, gradient, share, steep);
      }
      moving = NAME(form_both)(moves, width, waits ? steep : gradient, rows, rules, state);
      if (!moving) state->moves_all = 1;
    } while (waits && !moving);
    const T size = state->current < 0 ? -state->current : state->current;
    const T tie = 256 * EPSILON * size;
    NAME(multiply)(moves, width, order, matrix, rules, tie);
    const NAME(move) *const first = &moves[0], *const second = &moves[1];
    int takes_first = 0, takes_second = 0;
    T gain = 0;
    // Of gains that tie the earlier one is taken: of the first point, of the second, of both.
    const T sign = rules->lowers ? -1 : 1;
    if (first->is_known) {
      gain = first->gain;
      takes_first = 1;
    }
    if (second->is_known && (!takes_first || sign * (second->gain - gain) > tie)) {
      gain = second->gain;
      takes_first = 0;
      takes_second = 1;
    }
    if (rules->moving == CSIGNSTEP_BOTH && first->is_known && second->is_known) {
      const T both = first->gain + second->gain
          + 2 * NAME(product_of)(width, first->change, second->product);
      if (sign * (both - gain) > tie) {
        gain = both;
        takes_first = takes_second = 1;
      }
    }
    if (!takes_first && !takes_second) {
      state->vanished = 1;
      for (long k = 0; k < width; k++) state->vanished &= gradient[k] == 0;
      state->idle_steps++;
      state->ended = rules->moving != CSIGNSTEP_TURNS || state->idle_steps > 1;
    } else {
      state->idle_steps = 0;
      state->iterations++;
      state->current += gain;
      if (sign * (state->current - state->best) > 0) {
        state->best = state->current;
        state->best_is_current = 1;
      } else if (state->best_is_current) {
        NAME(copy)(width, rows->first_best, first->delta);
        NAME(copy)(width, rows->second_best, second->delta);
        state->best_is_current = 0;
      }
      if (takes_first) state->used_by_first = NAME(accept)(&moves[0], width, gradient);
      if (takes_second) state->used_by_second = NAME(accept)(&moves[1], width, gradient);
      if (rules->stops_at_success && state->best_is_current) {
        state->ended = rules->lowers ? state->best <= threshold : state->best > threshold;
      }
    }
    if (history) *history++ = state->current;
    state->steps++;
  }
  NAME(copy)(width, rows->gradient, gradient);
  NAME(copy)(width, rows->first_delta, moves[0].delta);
  NAME(copy)(width, rows->second_delta, moves[1].delta);
}
