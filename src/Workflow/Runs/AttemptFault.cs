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
        IOException { HResult: Libc.NoSpace } => DiskFull(fault.Message),
        SqliteException { SqliteErrorCode: 13 } => DiskFull(fault.Message),
        _ => new("error", fault.ToString(), fault.GetType().Name, Retry: true),
    };

    /// <summary>No space left.</summary>
    public static AttemptFault DiskFull(string message) =>
        new("disk_full", $"The disk is full: {message}. Free some space, then `workflow resume` the run; nothing committed is lost.", "ENOSPC", Retry: true);
}
