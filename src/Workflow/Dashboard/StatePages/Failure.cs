namespace Workflow.Dashboard.StatePages;

/// <summary>What an attempt said when it failed: the message, and where it was.</summary>
/// <param name="Message">For people.</param>
/// <param name="Stack">Lines of the stack; empty where the fault was told in words alone.</param>
sealed record Failure(string Message, string Stack)
{
    const string Frame = "\n   at ";

    /// <summary>Takes the text of an error apart.</summary>
    public static Failure Of(string text)
    {
        var all = text.ReplaceLineEndings("\n");
        var frames = all.IndexOf(Frame, StringComparison.Ordinal);
        return frames < 0 ? new Failure(all.Trim(), "") : new Failure(all[..frames].Trim(), all[(frames + 1)..].TrimEnd());
    }

    /// <summary>The first line of the message.</summary>
    public string Line => Message.Split('\n')[0];

    /// <summary>The first line without the type that stands before it, where that is said already.</summary>
    public string LineOf(string? type) => type is not null && Line.IndexOf($"{type}: ", StringComparison.Ordinal) is >= 0 and var at && !Line[..at].Contains(' ') ? Line[(at + type.Length + 2)..] : Line;
}
