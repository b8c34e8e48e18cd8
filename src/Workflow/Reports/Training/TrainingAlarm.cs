namespace Workflow.Reports.Training;

/// <summary>An alarm, or what was done without one, as the list below the first picture tells it.</summary>
/// <param name="Number">Number of its flag; null for what has none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Step">Its step.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do; may be empty.</param>
/// <param name="Done">What the training did about it; may be empty.</param>
public sealed record TrainingAlarm(int? Number, string Name, long Step, string Text, string Advice, string Done);
