namespace Workflow.Schedules;

/// <summary>Policies as job files and the ledger write them.</summary>
static class Policies
{
    public static string Text(Misfire policy) => policy switch { Schedules.Misfire.Skip => "skip", Schedules.Misfire.Once => "once", _ => "all" };

    public static string Text(Overlap policy) => policy switch { Schedules.Overlap.Skip => "skip", Schedules.Overlap.QueueOne => "queue-one", Schedules.Overlap.CancelPrevious => "cancel-previous", _ => "allow" };

    public static Misfire Misfire(string text) => text switch { "skip" => Schedules.Misfire.Skip, "once" => Schedules.Misfire.Once, _ => Schedules.Misfire.All };

    public static Overlap Overlap(string text) =>
        text switch { "skip" => Schedules.Overlap.Skip, "queue-one" => Schedules.Overlap.QueueOne, "cancel-previous" => Schedules.Overlap.CancelPrevious, _ => Schedules.Overlap.Allow };
}
