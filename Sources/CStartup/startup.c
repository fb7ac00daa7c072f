// Runs before the initialisers of all shared libraries, and so before OpenBLAS reads its environment.
//
// OpenBLAS starts a pool of threads when it is loaded, and idle threads spin. The program spreads its
// work over threads by tiles with one BLAS thread each, so it asks for no pool, unless the user has
// chosen a number.
#include "startup.h"

#include <stdlib.h>

static void ask_for_one_blas_thread(void) { setenv("OPENBLAS_NUM_THREADS", "1", 0); }

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(void) =
    ask_for_one_blas_thread;

void startup_is_linked(void) {}
