#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <vector>

#if defined(__x86_64__)
#define ILS_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ILS_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

namespace {

/* Calls that open, make, move or reach anything outside this process. They fail with EPERM. */
const int refused[] = {
#ifdef SYS_open
    SYS_open, SYS_creat, SYS_fork, SYS_vfork, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_mkdir, SYS_rmdir,
    SYS_chmod, SYS_chown,
#endif
    SYS_openat, SYS_execve, SYS_execveat, SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept,
    SYS_accept4, SYS_sendto, SYS_sendmsg, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat,
    SYS_mkdirat, SYS_fchmodat, SYS_fchownat, SYS_truncate, SYS_mount, SYS_ptrace, SYS_kill, SYS_tkill,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_memfd_create, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_chdir,
    SYS_chroot, SYS_setsid, SYS_shmget, SYS_msgget, SYS_inotify_init1, SYS_userfaultfd,
#ifdef SYS_openat2
    SYS_openat2,
#endif
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
};

bool filter_calls() {
#ifdef ILS_AUDIT_ARCH
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ILS_AUDIT_ARCH, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (int call : refused) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
#ifdef __x86_64__
  /* The x32 calls have numbers of their own. */
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
#endif
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog all = {static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
#else
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#endif
}

bool limit(__rlimit_resource_t resource, unsigned long most) {
  rlimit both = {most, most};
  return setrlimit(resource, &both) == 0;
}

}  // namespace

bool enter_sandbox(unsigned long bytes) {
  prctl(PR_SET_PDEATHSIG, 9 /* SIGKILL */);
  prctl(PR_SET_DUMPABLE, 0);
  return limit(RLIMIT_DATA, bytes) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) && filter_calls();
}
