using System.Text.Json;

namespace Trainer.Training.Watching;

/// <summary>An alarm that has just begun to sound.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Name">Its name: <c>SHIFT</c>.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Text">What is wrong.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Policy">What the job has it do.</param>
public sealed record AlarmRaised(AlarmKind Kind, string Name, long Step, string Text, string Advice, AlarmPolicy Policy)
{
    /// <summary>The alarm as the ledger keeps it.</summary>
    public TrainEvent ToEvent() => new(Name, Step, $"{Text} {Advice}") { Policy = JsonNamingPolicy.SnakeCaseLower.ConvertName(Policy.ToString()) };
}
