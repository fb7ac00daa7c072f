#ifndef ROBUSTMETRIC_STARTUP_H
#define ROBUSTMETRIC_STARTUP_H

/// Does nothing; a call keeps this file in the program.
void startup_is_linked(void);

#endif
