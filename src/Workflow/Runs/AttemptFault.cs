using DataPrep;
using Microsoft.Data.Sqlite;
using Trainer;
using Workflow.Artifacts;
using Workflow.Native;

namespace Workflow.Runs;

/// <summary>Why an attempt failed.</summary>
/// <param name="Kind">user, error, crash, timeout, cancelled, disk_full, corrupt_input.</param>
/// <param name="Message">For people.</param>
/// <param name="Type">Exception type or signal.</param>
/// <param name="Retry">Whether another try may end better.</param>
sealed record AttemptFault(string Kind, string Message, string Type, bool Retry)
{
    /// <summary>Equal faults, equal fingerprint: for grouping.</summary>
    public string Fingerprint => CanonicalJson.Hash($"{Kind}|{Type}|{new string([.. Message.Where(c => !char.IsDigit(c))])}")[..16];

    /// <summary>Sorts an exception into its class. A fault a user must mend is not tried again: the same input would fail the same way.</summary>
    public static AttemptFault Of(Exception fault) => fault switch
    {
        DataPrepException or TrainerException or WorkflowException => new("user", fault.Message, fault.GetType().Name, Retry: false),
        IOException io when IsDiskFull(io) => DiskFull(fault.Message),
        SqliteException { SqliteErrorCode: 13 } => DiskFull(fault.Message),
        _ => new("error", fault.ToString(), fault.GetType().Name, Retry: true),
    };

    /// <summary>Whether a file could not be written for want of room; .NET keeps the error number, but not where it reserves a file's size ahead.</summary>
    public static bool IsDiskFull(IOException fault) => fault.HResult == Libc.NoSpace || fault.Message.Contains("disk was full", StringComparison.Ordinal);

    /// <summary>No space left.</summary>
    public static AttemptFault DiskFull(string message) =>
        new("disk_full", $"The disk is full: {message}. Free some space, then `workflow resume` the run; nothing committed is lost.", "ENOSPC", Retry: true);
}
