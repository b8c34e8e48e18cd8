namespace Workflow.Dashboard.Api.Shapes;

/// <summary>A run that was asked for, or asked something of.</summary>
/// <param name="Run">Its id; a new run may take a moment to be there.</param>
/// <param name="After">Position in the history from which <c>progress</c> tells what came of it.</param>
sealed record AskedRun(string Run, long After);

/// <summary>Something that happened to a run while it is followed.</summary>
/// <param name="Type">started, reused, claimed, progress, committed, failed, retry, cancelled, ended, or fault: it will not go on, for the reason in <c>message</c>.</param>
/// <param name="Node">Stage or partition, where it is about one.</param>
/// <param name="Epoch">Which attempt at it.</param>
/// <param name="Step">claimed: checkpoint step it goes on from, or null.</param>
/// <param name="Done">progress: units done. started: nodes of the run.</param>
/// <param name="Total">progress: units in all; 0 unknown.</param>
/// <param name="Unit">progress: what is counted.</param>
/// <param name="Message">What it is doing, or why it failed.</param>
/// <param name="Exit">failed, retry, cancelled: how the attempt ended.</param>
/// <param name="Seconds">committed: how long the attempt took.</param>
/// <param name="Job">started: name of the job.</param>
/// <param name="State">ended: the run's state.</param>
/// <param name="Seq">Position in the history; give it as <c>after</c> to go on behind it.</param>
sealed record ProgressItem(string Type, string? Node = null, long Epoch = 0, long? Step = null, long Done = 0, long Total = 0, string? Unit = null, string? Message = null, string? Exit = null,
    double? Seconds = null, string? Job = null, string? State = null, long? Seq = null);
