using System.Net.Sockets;
using DataPrep;
using Microsoft.Data.Sqlite;
using Trainer;
using Workflow.Artifacts;
using Workflow.Native;

namespace Workflow.Runs;

/// <summary>Why an attempt failed.</summary>
/// <param name="Kind">user, error, transient, crash, timeout, stalled, cancelled, fenced, disk_full, out_of_memory, corrupt_input.</param>
/// <param name="Message">For people.</param>
/// <param name="Type">Exception type or signal.</param>
/// <param name="Class">Decides whether another try may end better.</param>
sealed record AttemptFault(string Kind, string Message, string Type, FaultClass Class)
{
    const int Busy = 5;
    const int Full = 13;

    /// <summary>The index of the write-ahead log (ledger.db-shm) found no room; SQLite calls that an I/O error.</summary>
    const int NoRoomForIndex = 10 | (19 << 8);

    /// <summary>Equal faults, equal fingerprint: for grouping.</summary>
    public string Fingerprint => CanonicalJson.Hash($"{Kind}|{Type}|{new string([.. Message.Where(c => !char.IsDigit(c))])}")[..16];

    /// <summary>Sorts an exception into its class. A fault a user must mend is not tried again by default: the same input would fail the same way.</summary>
    public static AttemptFault Of(Exception fault) => fault switch
    {
        DataPrepException or TrainerException or WorkflowException => new("user", fault.Message, fault.GetType().Name, FaultClass.Data),
        SlotMovedException => new("transient", fault.Message, fault.GetType().Name, FaultClass.Transient),
        IOException io when IsDiskFull(io) => DiskFull(fault.Message),
        SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: NoRoomForIndex } => DiskFull(fault.Message),
        SqliteException { SqliteErrorCode: Busy } or IOException or HttpRequestException or SocketException or TimeoutException => new("transient", fault.ToString(), fault.GetType().Name, FaultClass.Transient),
        OutOfMemoryException => new("out_of_memory", fault.ToString(), fault.GetType().Name, FaultClass.Resource),
        _ => Error(fault.ToString(), fault.GetType().Name),
    };

    /// <summary>An exception nobody expected, by its text and type; a library tells that memory is short in words alone.</summary>
    public static AttemptFault Error(string message, string type) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase)
            ? new("out_of_memory", message, type, FaultClass.Resource)
            : new("error", message, type, FaultClass.Code);

    /// <summary>Whether a file could not be written for want of room; .NET keeps the error number, but not where it reserves a file's size ahead.</summary>
    public static bool IsDiskFull(IOException fault) => fault.HResult == Libc.NoSpace || fault.Message.Contains("disk was full", StringComparison.Ordinal);

    /// <summary>Whether a full disk is behind a fault, however deep.</summary>
    public static bool HasDiskFull(Exception? fault) => fault is not null && (Of(fault) is { Kind: "disk_full" } || HasDiskFull(fault.InnerException));

    /// <summary>No space left.</summary>
    public static AttemptFault DiskFull(string message) =>
        new("disk_full", $"The disk is full: {message}. Free some space, then `workflow resume` the run; nothing committed is lost.", "ENOSPC", FaultClass.Resource);
}
