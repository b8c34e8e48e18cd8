namespace Workflow.Cli;

/// <summary>For terminals: lines that stay scroll by above one line per running node, drawn again at most ten times a second.</summary>
/// <param name="time">Clock.</param>
/// <param name="output">The terminal.</param>
/// <param name="width">Its width in columns, asked anew for each drawing.</param>
sealed class TerminalObserver(TimeProvider time, TextWriter output, Func<int> width) : RunObserver(time)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    long drawn;
    int lines;

    protected override void Line(string text)
    {
        output.Write(Clear() + text + "\n" + Draw());
        output.Flush();
    }

    protected override void Changed()
    {
        if (drawn == 0 || Time.GetElapsedTime(drawn) >= Pause)
        {
            output.Write(Clear() + Draw());
            output.Flush();
        }
    }

    protected override void End()
    {
        output.Write(Clear());
        lines = 0;
    }

    /// <summary>To the first drawn line, and everything below it gone.</summary>
    string Clear() => lines == 0 ? "" : $"\x1b[{lines}A\r\x1b[J";

    string Draw()
    {
        var room = Math.Max(20, width() - 1);
        var texts = Running;
        lines = texts.Count;
        drawn = Time.GetTimestamp();
        return string.Concat(texts.Select(t => (t.Length <= room ? t : t[..room]) + "\n"));
    }
}
