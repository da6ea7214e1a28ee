/* Where a program goes and which addresses it touches between its two breakpoints, instruction by instruction.
 *
 *   trace ADDRESSING RECORD PROGRAM ARGUMENT...
 *
 * ADDRESSING tells for an instruction which registers make its address, one line each: its own place in
 * hexadecimal, then the number of the base register and of the index register (in the order of `value`, -1 for
 * none; a base of -2 marks a breakpoint). RECORD gets two 64-bit numbers for each instruction that ran: its place,
 * and base + 2^32 * index. Two runs with other secrets must leave the same record. Exits with 77 where the system
 * forbids one process to watch another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLACES = 1 << 22, BREAKPOINT = -2, FORBIDDEN = 77, STEPS_MAX = 4000000 };

static struct {
    signed char base, index;
} addressing[PLACES]; /* by place - first */
static uint64_t first = UINT64_MAX;

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(errno == EPERM || errno == ENOSYS ? FORBIDDEN : 1);
}

static void read_addressing(const char *path) {
    FILE *file = fopen(path, "r");
    unsigned long long place;
    int base, index;
    if (file == NULL) die(path);
    memset(addressing, -1, sizeof addressing);
    while (fscanf(file, "%llx %d %d", &place, &base, &index) == 3) {
        if (first == UINT64_MAX) first = place;
        if (place < first || place - first >= PLACES) {
            fprintf(stderr, "the program is too large\n");
            exit(1);
        }
        addressing[place - first].base = (signed char)base;
        addressing[place - first].index = (signed char)index;
    }
    fclose(file);
}

static uint64_t value(const struct user_regs_struct *r, int number) {
    const uint64_t registers[16] = {r->rax, r->rcx, r->rdx, r->rbx, r->rsp, r->rbp, r->rsi, r->rdi,
                                    r->r8,  r->r9,  r->r10, r->r11, r->r12, r->r13, r->r14, r->r15};
    return number < 0 ? 0 : registers[number];
}

static void wait_for_stop(pid_t child, int *status) {
    if (waitpid(child, status, 0) < 0) die("waitpid");
    if (!WIFSTOPPED(*status) || WSTOPSIG(*status) != SIGTRAP) {
        fprintf(stderr, "the program stopped with status %x instead of at a breakpoint\n", (unsigned)*status);
        exit(1);
    }
}

int main(int argc, char **argv) {
    struct user_regs_struct registers;
    size_t steps;
    FILE *record;
    pid_t child;
    int status;
    if (argc < 4) return 2;
    read_addressing(argv[1]);
    record = fopen(argv[2], "wb");
    if (record == NULL) die(argv[2]);
    child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        personality(ADDR_NO_RANDOMIZE);
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(FORBIDDEN);
        execv(argv[3], argv + 3);
        _exit(1);
    }
    if (waitpid(child, &status, 0) < 0) die("waitpid"); /* at the start of the new program */
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0) die("ptrace");
    wait_for_stop(child, &status);
    for (steps = 0; steps < STEPS_MAX; ++steps) {
        uint64_t pair[2] = {0, 0};
        if (ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0) die("ptrace");
        pair[0] = registers.rip;
        if (registers.rip >= first && registers.rip - first < PLACES) {
            const int base = addressing[registers.rip - first].base,
                      index = addressing[registers.rip - first].index;
            if (base == BREAKPOINT && steps > 0) break;
            pair[1] = value(&registers, base) + (value(&registers, index) << 32);
        }
        fwrite(pair, sizeof pair, 1, record);
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0) die("ptrace");
        wait_for_stop(child, &status);
    }
    if (fclose(record) != 0) die(argv[2]);
    kill(child, SIGKILL);
    printf("%lu\n", (unsigned long)steps);
    return steps < STEPS_MAX ? 0 : 1;
}
