// One build per processor family, chosen at load time through an indirect function. The thread
// sanitizer is not ready when those are resolved, so it gets the plain build.
#ifndef ROBUSTMETRIC_CSIGNSTEP_CLONES_H
#define ROBUSTMETRIC_CSIGNSTEP_CLONES_H

#if defined(__x86_64__) && defined(__gnu_linux__) && !__has_feature(thread_sanitizer)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#endif
