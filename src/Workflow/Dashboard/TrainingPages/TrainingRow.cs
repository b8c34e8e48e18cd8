namespace Workflow.Dashboard.TrainingPages;

/// <summary>A training as the list shows it.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="NodeId">Its stage.</param>
/// <param name="Job">The run's job.</param>
/// <param name="State">State of the stage.</param>
/// <param name="Created">When the run was made.</param>
/// <param name="Device">cpu, cuda, ...</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 unknown.</param>
/// <param name="Loss">Its training loss, thinned.</param>
/// <param name="Best">Best evaluation so far: series, step and value; null where none was told.</param>
/// <param name="Alarms">Alarms that sounded.</param>
/// <param name="Rate">Last throughput and its unit, or null.</param>
/// <param name="ReusedFrom">The run that computed it, where it was reused.</param>
public sealed record TrainingRow(string RunId, string NodeId, string Job, string State, DateTimeOffset Created, string Device, long Done, long Total, IReadOnlyList<(double Step, double Value)> Loss,
    (string Series, long Step, double? Value)? Best, int Alarms, (double Value, string Unit)? Rate, string? ReusedFrom);
