namespace Workflow.Dashboard.Api.Shapes;

/// <summary>Why something is done; the audit keeps it.</summary>
/// <param name="Reason">In a few words, 400 letters at most.</param>
sealed record ActBody(string? Reason = null);

/// <summary>A job to run.</summary>
/// <param name="Text">The job file's text (YAML), 1 MiB at most. Its paths stay inside the server's allowed folders.</param>
/// <param name="Name">What it is called in messages about its lines.</param>
/// <param name="Sets"><c>path=value</c>, each replacing a parameter or any value of the job.</param>
/// <param name="Priority">Higher goes first; null takes the job's.</param>
/// <param name="Reason">Why, for the history.</param>
sealed record RunBody(string Text, string? Name = null, IReadOnlyList<string>? Sets = null, int? Priority = null, string? Reason = null);

/// <summary>From which stage a run's job starts again.</summary>
/// <param name="Stage">The stage: it and all that follows it is computed anew.</param>
/// <param name="Reason">Why.</param>
sealed record RestartBody(string Stage, string? Reason = null);

/// <summary>Another priority.</summary>
/// <param name="Priority">From -1000 to 1000; higher goes first.</param>
/// <param name="Reason">Why.</param>
sealed record PriorityBody(int Priority, string? Reason = null);

/// <summary>A node of a run.</summary>
/// <param name="Run">Full id of the run.</param>
/// <param name="Node">Stage, or <c>stage/key</c>.</param>
/// <param name="Reason">Why.</param>
sealed record NodeBody(string Run, string Node, string? Reason = null);

/// <summary>A pause.</summary>
/// <param name="Reason">Why; whoever finds it paused wants to know.</param>
/// <param name="Until">When it ends by itself; null where it is ended by hand.</param>
sealed record PauseBody(string? Reason = null, DateTimeOffset? Until = null);

/// <summary>A range of nominal times to fill.</summary>
/// <param name="From">First time, in the schedule's zone: <c>2026-11-01</c> or <c>2026-11-01 06:00</c>.</param>
/// <param name="To">First time after the range.</param>
/// <param name="Parallel">Runs that may be unfinished at a time, 1 to 1,000.</param>
/// <param name="DryRun">Only tell the nominal times.</param>
/// <param name="Reason">Why.</param>
sealed record BackfillBody(string From, string To, int Parallel = 1, bool DryRun = false, string? Reason = null);

/// <summary>What came of a backfill: the backfill, or where it was only asked about, its nominal times.</summary>
/// <param name="Backfill">The backfill, or null.</param>
/// <param name="Times">The nominal times, or null.</param>
sealed record BackfillAnswer(BackfillItem? Backfill, IReadOnlyList<BackfillTime>? Times);
