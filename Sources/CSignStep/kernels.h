// The loops for one scalar type: T, its vector V of VL elements, the integers B and W of the same
// widths, and NAME(f). Included once per type, on purpose without a guard.

typedef T V __attribute__((ext_vector_type(VL), aligned(sizeof(T)), may_alias));
typedef B W __attribute__((ext_vector_type(VL)));
typedef _Bool M __attribute__((ext_vector_type(VL)));
// Half a vector of floats, a whole one of doubles.
typedef T Q __attribute__((ext_vector_type(4)));

// Macros, because a function of vectors would have to be built for one processor.
#define LOAD(p) (*(const V *)(p))
#define STORE(p, v) (*(V *)(p) = (v))
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))
#define SIGN(v) ((W)(v) & (W)(V)(-(T)0))

// Where a block goes that slopes push by `step` times a sense of ±1: within ±reach and its room.
#define STEPPED(old, slope, step, reach, low, high, sense, moved)                                    \
  {                                                                                                  \
    const V push = (V)(((W)(V)(step) ^ SIGN(slope)) & ((slope) != (V)0));                            \
    const V below = LOAD(low), above = LOAD(high), wanted = (sense) < 0 ? (old) - push : (old) + push; \
    const V least = LARGER(below, -(reach)), most = SMALLER(above, (reach));                         \
    const V raised = LARGER(wanted, least);                                                          \
    moved = SMALLER(raised, most);                                                                   \
  }

// The lanes in which a condition holds, one bit each.
#define LANES(bits, condition)                                                                       \
  {                                                                                                  \
    const M holds = __builtin_convertvector((condition), M);                                         \
    uint8_t byte;                                                                                    \
    __builtin_memcpy(&byte, &holds, 1);                                                              \
    (bits) = byte & ((1u << VL) - 1);                                                                \
  }

// Appends the places of the bits of a word to a list, and returns how long that is then. Lists are short
// and nobody can foretell them, so that branches would cost more than what is written in vain.
static inline __attribute__((always_inline)) long NAME(append)(
    uint64_t word, long first, int32_t *indices, long count) {
  const long longer = count + __builtin_popcountll(word);
  for (int i = 0; i < 3; i++) {
    indices[count++] = (int32_t)first + (word ? __builtin_ctzll(word) : 0);
    word &= word - 1;
  }
  for (; word; word &= word - 1) indices[count++] = (int32_t)first + __builtin_ctzll(word);
  return longer;
}

// The largest lane of a vector without NaN; the built-in reduction takes seven steps one after the other.
static inline __attribute__((always_inline)) T NAME(largest_lane)(const V *vector) {
  const Q low = LOWER(*vector), high = UPPER(*vector), both = LARGER(low, high);
  const T even = LARGER(both[0], both[2]), odd = LARGER(both[1], both[3]);
  return LARGER(even, odd);
}

// The largest change, the furthest place and the slope of a step, from its lanes.
static inline __attribute__((always_inline)) void NAME(measure)(
    const V *longest, const V *furthest, const V *slopes, T sense, T *measures) {
  measures[0] = NAME(largest_lane)(longest);
  measures[1] = NAME(largest_lane)(furthest);
  measures[2] = 0;
  for (int i = 0; i < VL; i++) measures[2] += (*slopes)[i];
  measures[2] *= sense;
}

// What all steps have in common; the compiler knows `differs`, `lists` and `skips`.
static inline __attribute__((always_inline)) long NAME(step_loop)(
    const int differs, const int lists, const int skips, long width, const T *gradient, const T *delta, const T *low,
    const T *high, T length, T limit, const T *lengths, const T *limits, T sense, const T *known,
    T tolerance, long capacity, T *target, T *rests, int32_t *indices, T *values, T *measures) {
  V longest = 0, furthest = 0, slopes = 0, reach = limit, step = length;
  V restings = 0;
  T resting = 0;
  long count = 0;
  uint64_t word = 0, bits;
  for (long k = 0; k < width; k += VL) {
    if (skips && k % (VL * VL) == 0 && k + VL * VL <= width) {
      // As many blocks at once as a vector has lanes.
      const V blocks = LOAD(rests + k / VL);
      if (!__builtin_reduce_or(blocks < 0)) {
        restings = LARGER(blocks, restings);
        k += VL * VL - VL;
        continue;
      }
    }
    if (skips && rests[k / VL] >= 0) {
      resting = LARGER(rests[k / VL], resting);
      continue;
    }
    if (differs) {
      step = LOAD(lengths + k);
      reach = LOAD(limits + k);
    }
    const V slope = LOAD(gradient + k), old = LOAD(delta + k);
    V moved;
    STEPPED(old, slope, step, reach, low + k, high + k, 1, moved)
    const V difference = moved - old;
    STORE(target + k, moved);
    slopes += difference * slope;
    const V distance = __builtin_elementwise_abs(difference);
    const V place = __builtin_elementwise_abs(moved);
    longest = LARGER(distance, longest);
    furthest = LARGER(place, furthest);
    if (!lists) continue;
    const V unlike = __builtin_elementwise_abs(sense * difference - LOAD(known + k));
    LANES(bits, unlike > tolerance)
    if (skips) {
      if (bits) {
        count = NAME(append)(bits, k, indices, count);
      } else if (!__builtin_reduce_or(distance > 0)) {
        rests[k / VL] = NAME(largest_lane)(&place);
      }
      continue;
    }
    word |= bits << (k % 64);
    if ((k + VL) % 64 == 0) {
      count = NAME(append)(word, k + VL - 64, indices, count);
      word = 0;
    }
  }
  if (lists && !skips) count = NAME(append)(word, width / 64 * 64, indices, count);
  furthest = LARGER(restings, furthest);
  NAME(measure)(&longest, &furthest, &slopes, sense, measures);
  measures[1] = LARGER(measures[1], resting);
  if (!lists || count > capacity) return -1;
  for (long e = 0; e < count; e++) {
    const long place = indices[e];
    values[e] = sense * (target[place] - delta[place]) - known[place];
  }
  return count;
}

CLONES long NAME(step)(
    long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit,
    const T *lengths, const T *limits, T sense, const T *known, T tolerance, long capacity, T *target,
    T *rests, int32_t *indices, T *values, T *measures) {
#define LOOP(differs, lists, skips)                                                                  \
  NAME(step_loop)(differs, lists, skips, width, gradient, delta, low, high, length, limit, lengths,  \
                  limits, sense, known, tolerance, capacity, target, rests, indices, values, measures)
  if (!known) return lengths ? LOOP(1, 0, 0) : LOOP(0, 0, 0);
  if (!rests) return lengths ? LOOP(1, 1, 0) : LOOP(0, 1, 0);
  return lengths ? LOOP(1, 1, 1) : LOOP(0, 1, 1);
#undef LOOP
}

CLONES long NAME(repeat)(
    long width, const T *gradient, const T *delta, const T *low, const T *high, T length, T limit, T sense,
    const T *known, T tolerance, long capacity, const int32_t *blocks, long block_count, T *target,
    int32_t *indices, T *values, long count, T *measures) {
  long kept = 0;
  for (long e = 0; e < count; e++) {
    const int32_t block = indices[e] / VL;
    int is_new = 0;
    for (long b = 0; b < block_count; b++) is_new |= blocks[b] == block;
    if (is_new) continue;
    indices[kept] = indices[e];
    values[kept++] = values[e];
  }
  count = kept;
  for (long b = 0; b < block_count; b++) {
    const long k = (long)blocks[b] * VL;
    const V slope = LOAD(gradient + k), old = LOAD(delta + k), reach = limit;
    V moved;
    STEPPED(old, slope, length, reach, low + k, high + k, 1, moved)
    STORE(target + k, moved);
    uint64_t bits;
    LANES(bits, __builtin_elementwise_abs(sense * (moved - old) - LOAD(known + k)) > tolerance)
    count = NAME(append)(bits, k, indices, count);
  }
  // Few are new; each goes to its place among those before it.
  for (long e = kept; e < count && count <= capacity; e++) {
    const int32_t place = indices[e];
    long at = e;
    for (; at > 0 && indices[at - 1] > place; at--) {
      indices[at] = indices[at - 1];
      values[at] = values[at - 1];
    }
    indices[at] = place;
    values[at] = sense * (target[place] - delta[place]) - known[place];
  }
  V longest = 0, furthest = 0, slopes = 0;
  for (long k = 0; k < width; k += VL) {
    const V moved = LOAD(target + k), difference = moved - LOAD(delta + k);
    slopes += difference * LOAD(gradient + k);
    const V distance = __builtin_elementwise_abs(difference);
    const V place = __builtin_elementwise_abs(moved);
    longest = LARGER(distance, longest);
    furthest = LARGER(place, furthest);
  }
  NAME(measure)(&longest, &furthest, &slopes, sense, measures);
  return count > capacity ? -1 : count;
}

CLONES void NAME(change)(long width, T scale, const T *first, const T *second, T *result) {
  for (long k = 0; k < width; k += VL) {
    STORE(result + k, scale * (LOAD(first + k) - LOAD(second + k)));
  }
}

CLONES void NAME(shift)(
    long width, const T *base, T scale, const T *first, const T *second, T *result) {
  for (long k = 0; k < width; k += VL) {
    STORE(result + k, LOAD(base + k) + scale * (LOAD(first + k) + LOAD(second + k)));
  }
}

CLONES long NAME(changes)(
    long width, const T *move, const T *known, T ratio, T tolerance, long capacity, int32_t *indices,
    T *values) {
  long count = 0;
  uint64_t word = 0;
  for (long k = 0; k < width && count <= capacity; k += VL) {
    uint64_t bits;
    LANES(bits, __builtin_elementwise_abs(LOAD(move + k) - ratio * LOAD(known + k)) > tolerance)
    word |= bits << (k % 64);
    if ((k + VL) % 64 == 0 || k + VL == width) {
      count = NAME(append)(word, k / 64 * 64, indices, count);
      word = 0;
    }
  }
  if (count > capacity) return -1;
  for (long e = 0; e < count; e++) {
    values[e] = move[indices[e]] - ratio * known[indices[e]];
  }
  return count;
}

CLONES void NAME(add_rows)(
    long width, const T *matrix, const int32_t *indices, const T *values, long count, T *row) {
  long e = 0;
  // Six rows at a time: the sum is read and written once for all of them.
  for (; e + 6 <= count; e += 6) {
    const T *m0 = matrix + indices[e] * width, *m1 = matrix + indices[e + 1] * width;
    const T *m2 = matrix + indices[e + 2] * width, *m3 = matrix + indices[e + 3] * width;
    const T *m4 = matrix + indices[e + 4] * width, *m5 = matrix + indices[e + 5] * width;
    const V v0 = values[e], v1 = values[e + 1], v2 = values[e + 2];
    const V v3 = values[e + 3], v4 = values[e + 4], v5 = values[e + 5];
    for (long k = 0; k < width; k += VL) {
      V sum = LOAD(row + k) + v0 * LOAD(m0 + k);
      V other = v1 * LOAD(m1 + k);
      sum += v2 * LOAD(m2 + k);
      other += v3 * LOAD(m3 + k);
      sum += v4 * LOAD(m4 + k);
      other += v5 * LOAD(m5 + k);
      STORE(row + k, sum + other);
    }
  }
  for (; e + 2 <= count; e += 2) {
    const T *m0 = matrix + indices[e] * width, *m1 = matrix + indices[e + 1] * width;
    const V v0 = values[e], v1 = values[e + 1];
    for (long k = 0; k < width; k += VL) {
      STORE(row + k, (LOAD(row + k) + v0 * LOAD(m0 + k)) + v1 * LOAD(m1 + k));
    }
  }
  for (; e < count; e++) {
    const T *m = matrix + indices[e] * width;
    const V v = values[e];
    for (long k = 0; k < width; k += VL) STORE(row + k, LOAD(row + k) + v * LOAD(m + k));
  }
}

CLONES T NAME(dot)(long width, const T *first, const T *second) {
  V products = 0;
  for (long k = 0; k < width; k += VL) products += LOAD(first + k) * LOAD(second + k);
  T sum = 0;
  for (int i = 0; i < VL; i++) sum += products[i];
  return sum;
}

CLONES long NAME(add_listing)(long width, T *gradient, const T *product, int32_t *blocks) {
  long count = 0;
  for (long k = 0; k < width; k += VL) {
    const V old = LOAD(gradient + k), new = old + LOAD(product + k);
    STORE(gradient + k, new);
    // Where the product of two tiny slopes vanishes the block counts as turned, which does no harm.
    uint64_t kept;
    LANES(kept, old * new > 0)
    blocks[count] = (int32_t)(k / VL);
    count += kept != (1u << VL) - 1;
  }
  return count;
}

CLONES void NAME(turn)(
    long width, T *gradient, const T *product, T *first_rests, T *second_rests) {
  for (long k = 0, block = 0; k < width; k += VL, block++) {
    const V old = LOAD(gradient + k), new = old + LOAD(product + k);
    STORE(gradient + k, new);
    if (!__builtin_reduce_or((old > 0) != (new > 0) | (old < 0) != (new < 0))) continue;
    first_rests[block] = -1;
    second_rests[block] = -1;
  }
}

CLONES void NAME(difference)(long count, const double *first, const double *second, T *result) {
  for (long k = 0; k < count; k++) result[k] = (T)(first[k] - second[k]);
}

CLONES void NAME(moved)(
    long count, const double *x, const T *delta, const double *low, const double *high,
    double *result) {
  for (long k = 0; k < count; k++) {
    const double step = (double)delta[k];
    double sum = x[k] + step;
    // The rounding error of the sum is exact (Knuth's two-sum), so its sign tells an overshoot.
    const double part = sum - x[k];
    const double error = (x[k] - (sum - part)) + (step - part);
    // The neighbour of a double towards −∞ is its bit pattern less one, or plus one below zero; a sum
    // of zero is exact.
    const int64_t down = (step > 0) & (error < 0), up = (step < 0) & (error > 0);
    int64_t bits;
    __builtin_memcpy(&bits, &sum, sizeof bits);
    const int64_t towards = (up - down) * (sum < 0 ? -1 : 1);
    bits += towards;
    __builtin_memcpy(&sum, &bits, sizeof bits);
    sum = sum < low[k] ? low[k] : sum;
    result[k] = sum > high[k] ? high[k] : sum;
  }
}
