#include "CSignStep.h"
#include "clones.h"

#include <float.h>

#define T float
#define B int32_t
#define BITS int32_t
#define EPSILON FLT_EPSILON
#define VL 8
#define LOWER(v) __builtin_shufflevector(v, v, 0, 1, 2, 3)
#define UPPER(v) __builtin_shufflevector(v, v, 4, 5, 6, 7)
#define NAME(f) csignstep_##f##_float
#include "kernels.h"
#include "course.h"
