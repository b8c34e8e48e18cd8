namespace Trainer.Training.Watching;

/// <summary>An alarm that has been told and whose episode is not over.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Quiet">Evaluations in a row that found no cause; as many as <see cref="WatchOptions.Evaluations"/> end the episode, so that a cause that flickers is told once.</param>
public sealed record SoundingAlarm(AlarmKind Kind, int Quiet = 0);
