using Workflow.Jobs;

namespace Workflow.Dashboard.StatePages;

/// <summary>What a list of jobs is filtered by; an empty field does not filter, all that are set must fit.</summary>
/// <param name="Job">Name of the job.</param>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Queue">Slot class.</param>
/// <param name="Error">A part of the error of the newest attempt; case does not count.</param>
/// <param name="Type">Type of that error.</param>
/// <param name="Older">Age at least, as in 7d: since its end, or since its run was made where it has not ended.</param>
public sealed record JobFilter(string Job = "", string Stage = "", string Queue = "", string Error = "", string Type = "", string Older = "")
{
    const int Longest = 200;

    /// <summary>Ages to choose from.</summary>
    public static IReadOnlyList<(string Value, string Words)> Ages { get; } = [("", "any"), ("10m", "10 minutes"), ("1h", "1 hour"), ("1d", "1 day"), ("7d", "7 days"), ("30d", "30 days")];

    /// <summary>What a request asks for.</summary>
    public static JobFilter Of(HttpRequest request)
    {
        string Field(string name) => request.Query[name].ToString().Trim() is { Length: > 0 } text ? text[..Math.Min(text.Length, Longest)] : "";
        var older = Field("older");
        return new JobFilter(Field("job"), Field("stage"), Field("queue"), Field("error"), Field("type"), Durations.TryParse(older, out _) ? older : "");
    }

    /// <summary>As parameters of an address.</summary>
    public IReadOnlyList<(string Name, object? Value)> Query => [("job", Job), ("stage", Stage), ("queue", Queue), ("error", Error), ("type", Type), ("older", Older)];

    /// <summary>Whether it lets everything through.</summary>
    public bool IsEmpty => Query.All(q => q.Value is "");

    /// <summary>The age, or null.</summary>
    public TimeSpan? Age => Durations.TryParse(Older, out var age) ? age : null;
}
