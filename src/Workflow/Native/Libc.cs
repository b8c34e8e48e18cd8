using System.Runtime.InteropServices;

namespace Workflow.Native;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
static partial class Libc
{
    public const int SigTerm = 15;
    public const int SigKill = 9;
    public const int SigStop = 19;
    public const int NoSpace = 28;
    const int ReadOnly = 0;
    const int ReadWrite = 2;
    const int Create = 0x40;
    const int CloseOnExec = 0x80000;
    const int LockExclusive = 2;
    const int LockNonBlocking = 4;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getpid")]
    public static partial int GetPid();

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    private static partial int KillThread(int pid, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "dup")]
    public static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    public static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(int descriptor, int operation);

    /// <summary>Signals the calling thread, so that it takes effect before the next instruction; SIGKILL and SIGSTOP still reach the whole process.</summary>
    public static void Raise(int signal) => _ = KillThread(GetPid(), GetThreadId(), signal);

    /// <summary>Atomic rename within a file system; replaces what is there.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0)
        {
            Fail($"rename {from} to {to}");
        }
    }

    /// <summary>Makes a file's bytes, or a folder's entries, survive a power loss.</summary>
    public static void Sync(string path)
    {
        var descriptor = OpenFile(path, ReadOnly | CloseOnExec, 0);
        if (descriptor < 0)
        {
            Fail($"open {path}");
        }

        try
        {
            if (SyncFile(descriptor) != 0)
            {
                Fail($"fsync {path}");
            }
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    /// <summary>Opens a file without the advisory lock that .NET's own file streams take; creates it where asked, null where it is absent.</summary>
    public static Microsoft.Win32.SafeHandles.SafeFileHandle? Open(string path, bool create)
    {
        var descriptor = OpenFile(path, CloseOnExec | (create ? ReadWrite | Create : ReadOnly), 0x1b4);
        if (descriptor >= 0)
        {
            return new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        }

        if (create)
        {
            Fail($"open {path}");
        }

        return null;
    }

    /// <summary>Takes the exclusive lock of an open file without waiting; false where another holds it.</summary>
    public static bool TryLock(Microsoft.Win32.SafeHandles.SafeFileHandle handle) => LockFile((int)handle.DangerousGetHandle(), LockExclusive | LockNonBlocking) == 0;

    static void Fail(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }
}
