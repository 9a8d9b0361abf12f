#ifndef ILS_SCRIPT_SANDBOX_H
#define ILS_SCRIPT_SANDBOX_H

/*
 * Gives up, for good, what a script has no use for: files, processes, the network, memory beyond `bytes` of data, and
 * every descriptor but the socket, 0. Call it once the engine is up and what it maps from files is mapped. False where
 * the kernel refuses.
 */
bool enter_sandbox(unsigned long bytes);

#endif
