#include "CSignStep.h"
#include "clones.h"

#include <float.h>

#define T double
#define B int64_t
#define BITS int64_t
#define EPSILON DBL_EPSILON
#define VL 4
#define LOWER(v) (v)
#define UPPER(v) ((V)(T)0)
#define NAME(f) csignstep_##f##_double
#include "kernels.h"
#include "course.h"
