#include "CSignStep.h"
#include "clones.h"

#define T float
#define B int32_t
#define VL 8
#define NAME(f) csignstep_##f##_float
#include "kernels.h"
