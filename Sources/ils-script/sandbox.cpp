#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#if defined(__x86_64__)
#define ILS_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ILS_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "the numbers of system calls are not known for this architecture"
#endif

namespace {

/* All that the engine asks of the kernel once it runs. Whatever is not here fails with EPERM. */
const unsigned allowed[] = {
    SYS_exit_group, SYS_exit,   SYS_rt_sigreturn,  SYS_rt_sigprocmask, SYS_munmap,     SYS_mremap,
    SYS_madvise,    SYS_brk,    SYS_futex,         SYS_clock_gettime,  SYS_getrandom,  SYS_sched_yield,
    SYS_gettid,     SYS_getpid, SYS_gettimeofday,  SYS_getrusage,      SYS_restart_syscall,
};

using Program = std::vector<sock_filter>;

constexpr unsigned argument(unsigned index) { return offsetof(seccomp_data, args) + 8 * index; }

void let(Program &program) { program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)); }

/* Lets `call` through where the low half of argument `index`, masked, is `value`. The number is loaded before and behind. */
void let_where(Program &program, unsigned call, unsigned index, unsigned mask, unsigned value) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 5));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(index)));
  program.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  let(program);
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
}

/* New memory, of no file and never to be executed. */
void let_map(Program &program) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 7));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(2)));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 4, 0));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(3)));
  program.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_ANONYMOUS | MAP_PRIVATE));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MAP_ANONYMOUS | MAP_PRIVATE, 0, 1));
  let(program);
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
}

bool filter_calls() {
  Program program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ILS_AUDIT_ARCH, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (unsigned call : {SYS_read, SYS_write}) let_where(program, call, 0, ~0u, 0);
  let_map(program);
  let_where(program, SYS_mprotect, 2, PROT_EXEC, 0);
  for (unsigned call : allowed) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    let(program);
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  sock_fprog all = {static_cast<unsigned short>(program.size()), program.data()};
  /* There is one thread; should the engine ever start another, the filter holds for it too. */
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &all) == 0;
}

bool limit(__rlimit_resource_t resource, unsigned long most) {
  rlimit both = {most, most};
  return setrlimit(resource, &both) == 0;
}

/* A user, a network and a root of its own, all empty, where the kernel lets anybody have them. */
void leave_the_system() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0) return;
  if (chroot("/proc/self/fdinfo") == 0 && chdir("/") != 0) _exit(71);
}

/* A crash ends this process and nothing else: the Swift runtime's handlers would print what is in memory. */
void crash_quietly() {
  for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP, SIGQUIT}) signal(number, SIG_DFL);
}

bool close_all_but_the_socket() {
  if (syscall(SYS_close_range, 1u, ~0u, 0u) == 0) return true;
  for (int descriptor = 1; descriptor < 1024; descriptor++) close(descriptor);
  return errno == EBADF;
}

}  // namespace

bool enter_sandbox(unsigned long bytes) {
  tzset();
  crash_quietly();
  leave_the_system();
  prctl(PR_SET_PDEATHSIG, 9 /* SIGKILL */);
  prctl(PR_SET_DUMPABLE, 0);
  return limit(RLIMIT_DATA, bytes) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NPROC, 0) &&
         close_all_but_the_socket() && filter_calls();
}
