#include "CSignStep.h"
#include "clones.h"

#define T double
#define B int64_t
#define VL 4
#define NAME(f) csignstep_##f##_double
#include "kernels.h"
