namespace Workflow.Dashboard.Api.Shapes;

/// <summary>What a named slot holds or held.</summary>
/// <param name="Slot">Its name.</param>
/// <param name="Seq">Position in its history, from 1; the highest counts.</param>
/// <param name="Model">The model's hash.</param>
/// <param name="Run">The run whose decision set it; null where a person did.</param>
/// <param name="Set">When, with its offset.</param>
/// <param name="By">Who set it.</param>
/// <param name="Reason">Why.</param>
sealed record SlotItem(string Slot, long Seq, string Model, string? Run, string Set, string By, string Reason);

/// <summary>A process that executes stages.</summary>
/// <param name="Worker">Its id.</param>
/// <param name="Role">serve, run, resume or worker.</param>
/// <param name="Host">Its machine.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Queues">Queues it takes work from.</param>
/// <param name="State">alive, silent (it has not been heard of for a minute) or dead (its process is gone).</param>
/// <param name="Started">When it started.</param>
/// <param name="Seen">When it was last heard of.</param>
/// <param name="Running">Attempts it has in hand.</param>
sealed record WorkerItem(string Worker, string Role, string Host, long Pid, IReadOnlyList<string> Queues, string State, DateTimeOffset Started, DateTimeOffset Seen, long Running);

/// <summary>A run and its state.</summary>
/// <param name="Run">Its id.</param>
/// <param name="State">Its state.</param>
sealed record RunState(string Run, string State);

/// <summary>What there is of everything: a job here is a node of a run.</summary>
/// <param name="AsOf">When it was counted.</param>
/// <param name="Servers">Processes that execute and have not said goodbye.</param>
/// <param name="Recurring">Schedules.</param>
/// <param name="Retries">Jobs that wait for their next try.</param>
/// <param name="Enqueued">Jobs that wait for a free slot.</param>
/// <param name="Queues">Queues in which such jobs are.</param>
/// <param name="Failed">Jobs that failed for good.</param>
/// <param name="Scheduled">Jobs that wait for a time to come, and runs that wait for their turn.</param>
/// <param name="Processing">Jobs that run.</param>
/// <param name="Succeeded">Jobs that succeeded or took over results.</param>
/// <param name="Deleted">Jobs that were cancelled or skipped.</param>
/// <param name="Awaiting">Jobs that wait for others.</param>
/// <param name="Runs">Runs by state, as the ledger holds them.</param>
sealed record Counters(DateTimeOffset AsOf, long Servers, long Recurring, long Retries, long Enqueued, long Queues, long Failed, long Scheduled, long Processing, long Succeeded, long Deleted, long Awaiting,
    IReadOnlyDictionary<string, long> Runs);

/// <summary>A queue: the slot class that jobs wait for.</summary>
/// <param name="Queue">Its name: cpu or gpu.</param>
/// <param name="State">open or paused.</param>
/// <param name="Ready">Jobs that wait for a free slot.</param>
/// <param name="Busy">Slots that are taken.</param>
/// <param name="Slots">How many jobs of it run at once; 0 where nobody serves it.</param>
/// <param name="Paused">Since when nothing new of it starts, or null.</param>
/// <param name="By">Who paused it, or null.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Until">When the pause ends by itself; null where it is ended by hand, or there is none.</param>
sealed record QueueItem(string Queue, string State, long Ready, long Busy, long Slots, DateTimeOffset? Paused, string? By, string? Reason, DateTimeOffset? Until);

/// <summary>A line of the audit.</summary>
/// <param name="Seq">Its position.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What: cancel, schedule.pause, ...</param>
/// <param name="Target">To what.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Before">What was before, or null.</param>
sealed record AuditItem(long Seq, DateTimeOffset Time, string Actor, string Action, string Target, string? Reason, System.Text.Json.Nodes.JsonNode? Before);

/// <summary>How far a receiver of the history has been told.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Target">Where it is, without its secrets.</param>
/// <param name="Behind">Entries it has not been told.</param>
/// <param name="Error">Its last error, or null.</param>
sealed record SinkItem(string Name, string Target, long Behind, string? Error);

/// <summary>The state of the home and of what serves it.</summary>
/// <param name="AsOf">When this was found.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Schema">Schema of the ledger.</param>
/// <param name="LedgerBytes">Bytes of the ledger.</param>
/// <param name="WalBytes">Bytes of its write-ahead log.</param>
/// <param name="FreeBytes">Free bytes of the disk.</param>
/// <param name="Running">Attempts that run.</param>
/// <param name="RequestsWaiting">Requests that the serving process has not taken yet.</param>
/// <param name="MissingFiles">Files found damaged and taken out of the store.</param>
/// <param name="Sinks">Receivers of the history.</param>
sealed record HealthView(DateTimeOffset AsOf, string Version, long Schema, long LedgerBytes, long WalBytes, long FreeBytes, long Running, long RequestsWaiting, long MissingFiles, IReadOnlyList<SinkItem> Sinks);

/// <summary>What answers.</summary>
/// <param name="Version">Version of the program.</param>
/// <param name="Api">Version of the API.</param>
/// <param name="You">Who the server takes you for.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="ReadOnly">Whether acts are refused to everyone.</param>
sealed record VersionView(string Version, string Api, string You, string Role, bool ReadOnly);
