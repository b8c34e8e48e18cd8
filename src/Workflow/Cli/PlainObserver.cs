namespace Workflow.Cli;

/// <summary>For pipes and files: a line when a stage starts and ends, and at most every ten seconds one for each running node.</summary>
sealed class PlainObserver(TimeProvider time, TextWriter output) : RunObserver(time)
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    long spoken = time.GetTimestamp();

    protected override void Line(string text)
    {
        spoken = Time.GetTimestamp();
        output.WriteLine(text);
    }

    protected override void Changed()
    {
        if (Time.GetElapsedTime(spoken) < Pause)
        {
            return;
        }

        foreach (var text in Running)
        {
            Line(text);
        }
    }
}
