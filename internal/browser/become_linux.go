package browser

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Constants of linux/prctl.h, linux/seccomp.h and linux/bpf_common.h that package syscall does not have.
const (
	setNoNewPrivileges = 38
	setSeccomp         = 22
	modeFilter         = 2
	allow              = 0x7fff0000
	refuse             = 0x00050000 | uint32(syscall.EPERM)
	loadWord           = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS
	jumpIfEqual        = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
	answer             = syscall.BPF_RET | syscall.BPF_K
	atNumber           = 0  // offset of the number of the system call
	atFirstArgument    = 16 // offset of its first argument, whose lower half comes first
)

// become replaces this process by a program that cannot open netlink sockets. It returns only if that fails.
func become(path string) error {
	runtime.LockOSThread() // the filter is that of a thread
	filter := []syscall.SockFilter{
		{Code: loadWord, K: atNumber},
		{Code: jumpIfEqual, K: syscall.SYS_SOCKET, Jf: 3},
		{Code: loadWord, K: atFirstArgument},
		{Code: jumpIfEqual, K: syscall.AF_NETLINK, Jf: 1},
		{Code: answer, K: refuse},
		{Code: answer, K: allow},
	}
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := prctl(setNoNewPrivileges, 1, 0); err != 0 {
		return err
	}
	if err := prctl(setSeccomp, modeFilter, uintptr(unsafe.Pointer(&program))); err != 0 {
		return err
	}
	return syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ())
}

func prctl(option, first, second uintptr) syscall.Errno {
	_, _, err := syscall.Syscall6(syscall.SYS_PRCTL, option, first, second, 0, 0, 0)
	return err
}
