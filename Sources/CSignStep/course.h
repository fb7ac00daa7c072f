// Whole courses of small pairs, for one scalar type. Included after kernels.h, once per type.
//
// The number of vectors of a row is a constant of every function here, so that loops over rows unroll and
// sums of them stay in registers.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

#define SHUFFLED __builtin_shufflevector

// What a step knows of the move of one point: whether it moves, and sums over its features.
typedef struct {
  int moves, is_known;
  T slope, squared, furthest, gain;
} NAME(move);

// The rows of a step: the gradient, and of both points where they are, where they would go, what that
// changes and its product with M.
#define MOST (CSIGNSTEP_COURSE_WIDTH / VL)
typedef struct {
  V gradient[MOST], places[4][MOST], changes[2][MOST], products[2][MOST];
  // Which of the places is that of a point; the one beside it is its target.
  int at[2];
} NAME(rows_at_hand);

#define DELTA(rows, point) ((rows)->places[(rows)->at[point]])
#define TARGET(rows, point) ((rows)->places[(rows)->at[point] ^ 1])

#define FOLDED(v) (LOWER(v) + UPPER(v))

// Sums over the lanes of four vectors at once.
INLINE void NAME(sums)(const V vectors[4], T result[4]) {
  const Q a = FOLDED(vectors[0]), b = FOLDED(vectors[1]);
  const Q c = FOLDED(vectors[2]), d = FOLDED(vectors[3]);
  const Q ab = SHUFFLED(a, b, 0, 4, 2, 6) + SHUFFLED(a, b, 1, 5, 3, 7);
  const Q cd = SHUFFLED(c, d, 0, 4, 2, 6) + SHUFFLED(c, d, 1, 5, 3, 7);
  const Q all = SHUFFLED(ab, cd, 0, 1, 4, 5) + SHUFFLED(ab, cd, 2, 3, 6, 7);
  for (int i = 0; i < 4; i++) result[i] = all[i];
}

// The largest lanes of two vectors.
INLINE void NAME(maxima)(const V vectors[2], T result[2]) {
  const Q a_low = LOWER(vectors[0]), a_high = UPPER(vectors[0]);
  const Q b_low = LOWER(vectors[1]), b_high = UPPER(vectors[1]);
  const Q a = LARGER(a_low, a_high), b = LARGER(b_low, b_high);
  const Q first = SHUFFLED(a, b, 0, 4, 1, 5), second = SHUFFLED(a, b, 2, 6, 3, 7);
  const Q both = LARGER(first, second), other = SHUFFLED(both, both, 2, 3, 0, 1);
  const Q all = LARGER(both, other);
  result[0] = all[0];
  result[1] = all[1];
}

INLINE T NAME(product_of)(
    const int n, const V *first, const V *second) {
  V even = 0, odd = 0;
  for (int i = 0; i + 1 < n; i += 2) {
    even += first[i] * second[i];
    odd += first[i + 1] * second[i + 1];
  }
  if (n % 2) even += first[n - 1] * second[n - 1];
  const V products = even + odd;
  const Q folded = FOLDED(products);
  return (folded[0] + folded[2]) + (folded[1] + folded[3]);
}

// Some vectors of Σ change[k]·(row k of M) over the features that change, in two sums each so that
// additions need not wait.
INLINE void NAME(product_part)(
    const int n, const int part, uint64_t changing, const T *matrix, const T *change, V *result) {
  V even[6], odd[6];
  for (int i = 0; i < part; i++) even[i] = odd[i] = (V)(T)0;
  while (changing & (changing - 1)) {
    const int k = __builtin_ctzll(changing);
    changing &= changing - 1;
    const int l = __builtin_ctzll(changing);
    changing &= changing - 1;
    const V first = change[k], second = change[l];
    for (int i = 0; i < part; i++) even[i] += first * LOAD(matrix + k * n * VL + i * VL);
    for (int i = 0; i < part; i++) odd[i] += second * LOAD(matrix + l * n * VL + i * VL);
  }
  if (changing) {
    const int k = __builtin_ctzll(changing);
    const V last = change[k];
    for (int i = 0; i < part; i++) even[i] += last * LOAD(matrix + k * n * VL + i * VL);
  }
  for (int i = 0; i < part; i++) result[i] = even[i] + odd[i];
}

// The product of a change with M.
INLINE void NAME(product)(
    const int n, const T *matrix, const V *change, V *result) {
  uint64_t changing = 0;
  for (int i = 0; i < n; i++) {
    const M holds = __builtin_convertvector(change[i] != (V)0, M);
    uint8_t bits;
    __builtin_memcpy(&bits, &holds, 1);
    changing |= (uint64_t)(bits & ((1u << VL) - 1)) << (i * VL);
  }
  const int most = n <= 6 ? n : 4;
  UNROLLED
  for (int i = 0; i < n; i += most) {
    const int part = n - i < most ? n - i : most;
    NAME(product_part)(n, part, changing, matrix + i * VL, (const T *)change, result + i);
  }
}

// radius − used, not above the exact difference, and not below 0.
INLINE T NAME(rest_of)(T radius, T used) {
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
INLINE T NAME(reach)(T radius, T own, T used) {
  const T left = NAME(rest_of)(radius, used);
  return own <= left && left - own <= 64 * EPSILON * radius ? own : left;
}

// Forms the moves of both points along the slopes of at least `floor`; whether any of them moves.
INLINE int NAME(form_both)(
    const int n, NAME(rows_at_hand) * hand, const NAME(rows) * rows, T length, T floor,
    const T reaches[2], NAME(move) moves[2]) {
  const T *const low[2] = {rows->first_low, rows->second_low};
  const T *const high[2] = {rows->first_high, rows->second_high};
  const V *const deltas[2] = {DELTA(hand, 0), DELTA(hand, 1)};
  V *const targets[2] = {TARGET(hand, 0), TARGET(hand, 1)};
  V sums[4] = {0, 0, 0, 0}, furthest[2] = {0, 0};
  UNROLLED
  for (int i = 0; i < n; i++) {
    const V all = hand->gradient[i];
    const V slope = (V)((W)all & (__builtin_elementwise_abs(all) >= floor));
    for (int point = 0; point < 2; point++) {
      const V reach = reaches[point], old = deltas[point][i];
      V target;
      STEPPED(old, slope, length, reach, low[point] + i * VL, high[point] + i * VL, point ? -1 : 1, target)
      const V change = point ? old - target : target - old;
      targets[point][i] = target;
      hand->changes[point][i] = change;
      sums[2 * point] += change * slope;
      sums[2 * point + 1] += change * change;
      const V place = __builtin_elementwise_abs(target);
      furthest[point] = LARGER(place, furthest[point]);
    }
  }
  T totals[4];
  NAME(sums)(sums, totals);
  T furthests[2];
  NAME(maxima)(furthest, furthests);
  for (int point = 0; point < 2; point++) {
    NAME(move) *const move = &moves[point];
    move->moves = reaches[point] > 0 && totals[2 * point + 1] > 0;
    move->is_known = 0;
    move->slope = totals[2 * point];
    move->squared = totals[2 * point + 1];
    move->furthest = furthests[point];
  }
  return moves[0].moves | moves[1].moves;
}

// Forms the products of both moves, or of one where it shows that the other is worse whatever its
// product is: 0 ≤ uᵀMu ≤ λ·‖u‖².
INLINE void NAME(multiply)(
    const int n, NAME(rows_at_hand) * hand, const T *matrix, const NAME(rules) * rules, T tie,
    NAME(move) moves[2]) {
  const T lead = moves[1].slope - moves[0].slope;
  const int second_leads = rules->lowers ? lead < 0 : lead > 0;
  for (int i = 0; i < 2; i++) {
    const int point = i ^ second_leads;
    NAME(move) *const move = &moves[point], *const leader = &moves[second_leads];
    if (!move->moves) continue;
    if (i && leader->is_known && rules->moving != CSIGNSTEP_BOTH) {
      const T most = rules->largest_eigenvalue * move->squared;
      if (rules->lowers ? 2 * move->slope - tie > leader->gain
                        : 2 * move->slope + most + tie < leader->gain) {
        continue;
      }
    }
    NAME(product)(n, matrix, hand->changes[point], hand->products[point]);
    move->gain = 2 * move->slope + NAME(product_of)(n, hand->changes[point], hand->products[point]);
    move->is_known = 1;
  }
}

// Takes a move: swaps the perturbations and turns the gradient. Returns max|perturbation|.
INLINE void NAME(accept)(
    const int n, NAME(rows_at_hand) * hand, int point) {
  hand->at[point] ^= 1;
  for (int i = 0; i < n; i++) hand->gradient[i] += hand->products[point][i];
}

INLINE void NAME(read)(const int n, V *target, const T *source) {
  for (int i = 0; i < n; i++) target[i] = LOAD(source + i * VL);
}

INLINE void NAME(write)(const int n, T *target, const V *source) {
  for (int i = 0; i < n; i++) STORE(target + i * VL, source[i]);
}

INLINE T NAME(largest)(const int n, const V *row) {
  V largest = 0;
  for (int i = 0; i < n; i++) {
    const V size = __builtin_elementwise_abs(row[i]);
    largest = LARGER(size, largest);
  }
  return NAME(largest_lane)(&largest);
}

INLINE void NAME(course_of)(
    const int n, const T *matrix, const NAME(rules) * all_rules, const NAME(rows) * all_rows,
    double threshold, NAME(state) * end, double *history) {
  // Copies, so that the stores to rows cannot change them.
  const NAME(rules) rules = *all_rules;
  const NAME(rows) rows = *all_rows;
  NAME(state) state = *end;
  NAME(rows_at_hand) hand;
  hand.at[0] = 0;
  hand.at[1] = 2;
  NAME(read)(n, hand.gradient, rows.gradient);
  NAME(read)(n, DELTA(&hand, 0), rows.first_delta);
  NAME(read)(n, DELTA(&hand, 1), rows.second_delta);
  const T sign = rules.lowers ? -1 : 1;
  while (!state.ended && state.steps < rules.max_steps) {
    const int turn = rules.moving == CSIGNSTEP_TURNS ? (int)(state.steps & 1) : -1;
    const int first_rests = turn == 1, second_rests = turn == 0 || rules.moving == CSIGNSTEP_FIRST;
    const T used[2] = {state.used_by_first, state.used_by_second};
    const T taken[2] = {rules.is_shared ? used[1] : 0, rules.is_shared ? used[0] : 0};
    const T reaches[2] = {
      first_rests ? 0 : NAME(reach)(rules.first_radius, used[0], taken[0]),
      second_rests ? 0 : NAME(reach)(rules.second_radius, used[1], taken[1]),
    };
    NAME(move) moves[2];
    int waits, moving;
    do {
      waits = state.steps < rules.patience && !state.moves_all;
      T floor = 0;
      if (waits) {
        const T share = (T)(0.1 * (double)(rules.patience - state.steps) / (double)rules.patience);
        floor = share * NAME(largest)(n, hand.gradient);
      }
      moving = NAME(form_both)(n, &hand, &rows, rules.length, floor, reaches, moves);
      if (!moving) state.moves_all = 1;
    } while (waits && !moving);
    const T size = state.current < 0 ? -state.current : state.current;
    const T tie = 256 * EPSILON * size;
    NAME(multiply)(n, &hand, matrix, &rules, tie, moves);
    const NAME(move) *const first = &moves[0], *const second = &moves[1];
    int takes_first = 0, takes_second = 0;
    T gain = 0;
    // Of gains that tie the earlier one is taken: of the first point, of the second, of both.
    if (first->is_known) {
      gain = first->gain;
      takes_first = 1;
    }
    if (second->is_known && (!takes_first || sign * (second->gain - gain) > tie)) {
      gain = second->gain;
      takes_first = 0;
      takes_second = 1;
    }
    if (rules.moving == CSIGNSTEP_BOTH && first->is_known && second->is_known) {
      const T both = first->gain + second->gain
          + 2 * NAME(product_of)(n, hand.changes[0], hand.products[1]);
      if (sign * (both - gain) > tie) {
        gain = both;
        takes_first = takes_second = 1;
      }
    }
    if (!takes_first && !takes_second) {
      state.vanished = NAME(largest)(n, hand.gradient) == 0;
      state.idle_steps++;
      state.ended = rules.moving != CSIGNSTEP_TURNS || state.idle_steps > 1;
    } else {
      state.idle_steps = 0;
      state.iterations++;
      state.current += gain;
      if (sign * (state.current - state.best) > 0) {
        state.best = state.current;
        state.best_is_current = 1;
      } else if (state.best_is_current) {
        NAME(write)(n, rows.first_best, DELTA(&hand, 0));
        NAME(write)(n, rows.second_best, DELTA(&hand, 1));
        state.best_is_current = 0;
      }
      if (takes_first) {
        state.used_by_first = first->furthest;
        NAME(accept)(n, &hand, 0);
      }
      if (takes_second) {
        state.used_by_second = second->furthest;
        NAME(accept)(n, &hand, 1);
      }
      if (rules.stops_at_success && state.best_is_current) {
        state.ended = rules.lowers ? state.best <= threshold : state.best > threshold;
      }
    }
    if (history) *history++ = state.current;
    state.steps++;
  }
  NAME(write)(n, rows.gradient, hand.gradient);
  NAME(write)(n, rows.first_delta, DELTA(&hand, 0));
  NAME(write)(n, rows.second_delta, DELTA(&hand, 1));
  *end = state;
}

CLONES void NAME(course)(
    long width, const T *matrix, const NAME(rules) * rules, const NAME(rows) * rows, double threshold,
    NAME(state) * state, double *history) {
  const int lanes = CSIGNSTEP_LANES / VL;
#define COURSE(blocks)                                                                              \
  case blocks:                                                                                      \
    NAME(course_of)(blocks * lanes, matrix, rules, rows, threshold, state, history);                \
    break;
  switch (width / CSIGNSTEP_LANES) {
    COURSE(1) COURSE(2) COURSE(3) COURSE(4) COURSE(5) COURSE(6) COURSE(7) COURSE(8)
  }
#undef COURSE
}
#undef INLINE
#undef UNROLLED
#undef SHUFFLED
#undef FOLDED
#undef MOST
#undef DELTA
#undef TARGET
