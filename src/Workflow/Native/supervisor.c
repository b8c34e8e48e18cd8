/*
 * workflow-supervisor COMMAND ARGS... : runs a worker that cannot outlive its host.
 *
 * Standard input is the lifeline, a pipe from the host: its end means the host is gone, whatever ended it, and the worker is killed at once (nothing it does could be committed any more).
 * SIGTERM asks the worker's group to end, and kills it after WF_GRACE_MS (2000). The worker runs in a process group of its own and dies with this process; descendants that left the
 * group are inherited (subreaper) and killed at the end. Exit code: the worker's, or 128 + its signal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Kills direct children, inherited ones included; returns how many there were. */
static int kill_children(void)
{
    char text[4096];
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return 0;
    text[length] = 0;
    int count = 0;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        int pid = atoi(word);
        if (pid > 0) {
            kill(pid, SIGKILL);
            count++;
        }
    }
    return count;
}

static void run_worker(char **command, pid_t supervisor, const sigset_t *mask)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor)
        _exit(124);
    sigprocmask(SIG_UNBLOCK, mask, NULL);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    execvp(command[0], command);
    fprintf(stderr, "workflow-supervisor: %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: workflow-supervisor COMMAND ARGS...\n");
        return 125;
    }

    const char *given = getenv("WF_GRACE_MS");
    int grace = given ? atoi(given) : 2000;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    setpgid(0, 0); /* out of the terminal's group: Ctrl-C reaches only the host */
    int signals = signalfd(-1, &mask, SFD_CLOEXEC);
    pid_t self = getpid();
    pid_t worker = fork();
    if (worker == 0)
        run_worker(arguments + 1, self, &mask);
    if (worker < 0) {
        perror("workflow-supervisor: fork");
        return 126;
    }

    setpgid(worker, worker);
    int status = 0, done = 0, stopping = 0;
    struct pollfd watch[2] = {{0, POLLIN, 0}, {signals, POLLIN, 0}};
    while (!done) {
        int ready = poll(watch, 2, stopping ? grace : -1);
        int terminate = 0;
        if (ready == 0)
            kill(-worker, SIGKILL);
        if (ready > 0 && watch[1].revents) {
            struct signalfd_siginfo info;
            if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo != SIGCHLD)
                terminate = 1;
            int ended;
            pid_t pid;
            while ((pid = waitpid(-1, &ended, WNOHANG)) > 0)
                if (pid == worker) {
                    status = ended;
                    done = 1;
                }
        }
        if (ready > 0 && watch[0].revents) {
            char bytes[64];
            if (read(0, bytes, sizeof bytes) <= 0) {
                watch[0].fd = -1;
                kill(-worker, SIGKILL);
            }
        }
        if (terminate && !stopping) {
            stopping = 1;
            kill(-worker, SIGTERM);
        }
    }

    kill(-worker, SIGKILL);
    for (int i = 0; i < 50; i++) {
        int ended;
        while (waitpid(-1, &ended, WNOHANG) > 0)
            ;
        if (!kill_children())
            break;
        usleep(5000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
