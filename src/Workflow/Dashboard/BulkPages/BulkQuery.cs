using System.Globalization;
using Workflow.Jobs;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.BulkPages;

/// <summary>What a list asks for: an act, and the rows it is for.</summary>
/// <param name="Filter">Which.</param>
/// <param name="Act">requeue, enqueue, delete; resume, cancel.</param>
/// <param name="Back">Local address of the list.</param>
public sealed record BulkQuery(BulkFilter Filter, string Act, string Back)
{
    /// <summary>Rows that can be ticked at once: more than those are found by their filter.</summary>
    public const int MostTicked = 1000;

    /// <summary>Reads the fields of a form or the parameters of an address.</summary>
    /// <param name="values">All values of a field by its name.</param>
    /// <exception cref="WorkflowException">A field is at fault; the message is shown.</exception>
    internal static BulkQuery Of(Func<string, IEnumerable<string?>> values)
    {
        string One(string name) => (values(name).FirstOrDefault() ?? "").Trim();
        string[] Many(string name) => [.. values(name).SelectMany(v => (v ?? "").Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
        string[] ids = [.. values("id").Concat((One("ids") is { Length: > 0 } list ? list : "").Split('\n')).Select(v => (v ?? "").Trim()).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal)];
        if (ids.Length > MostTicked)
        {
            throw new WorkflowException($"Found {ids.Length.ToString("#,0", CultureInfo.InvariantCulture)} ticked rows; {MostTicked:#,0} go at once. Act on all that the filter finds instead.");
        }

        TimeSpan? older = null;
        if (One("older") is { Length: > 0 } age)
        {
            older = Durations.TryParse(age, out var length) ? length : throw new WorkflowException($"older: found '{age}'; expected a length such as 90m, 12h or 7d.");
        }

        var kind = One("kind") is { Length: > 0 } given ? given : "node";
        var filter = new BulkFilter
        {
            Kind = kind,
            Ids = ids,
            States = [.. Many("state").Union(Many("states"), StringComparer.Ordinal)],
            Queue = One("queue"),
            Job = One("job"),
            Stage = One("stage"),
            Run = One("run"),
            Error = One("error"),
            Text = One("q"),
            OlderThan = older,
        };
        var back = One("back");
        return new BulkQuery(filter, One("act") is { Length: > 0 } act ? act : One("action"), back.StartsWith('/') && !back.StartsWith("//", StringComparison.Ordinal) && !back.Contains('\\') ? back : kind == "run" ? "/runs" : "/jobs/enqueued");
    }

    /// <summary>The same as fields of a form.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields =>
    [
        .. new (string Name, string Value)[]
        {
            ("kind", Filter.Kind), ("act", Act), ("ids", string.Join('\n', Filter.Ids)), ("state", string.Join(',', Filter.States)), ("queue", Filter.Queue), ("job", Filter.Job), ("stage", Filter.Stage), ("run", Filter.Run),
            ("error", Filter.Error), ("q", Filter.Text), ("older", Filter.OlderThan is { } age ? Durations.Format(age) : ""), ("back", Back),
        }.Where(f => f.Value.Length > 0),
    ];

    /// <summary>What a filter finds, in words.</summary>
    public static string Words(BulkFilter filter)
    {
        var things = filter.Kind == "run" ? "runs" : "nodes";
        if (filter.Ids.Count > 0)
        {
            return $"the ticked {things}";
        }

        var parts = new List<string> { filter.States.Count > 0 ? $"{things} that are {string.Join(" or ", filter.States.Select(Format.State))}" : things };
        Add(filter.Queue, "in the queue {0}");
        Add(filter.Job, "of the job {0}");
        Add(filter.Stage, "of the stage {0}");
        Add(filter.Run, "of the run {0}");
        Add(filter.Error, "whose error has '{0}'");
        Add(filter.Text, "with '{0}' in the job's name, the run's id or who asked");
        Add(filter.OlderThan is { } age ? Durations.Format(age) : "", "older than {0}");
        return parts.Count == 1 && filter.States.Count == 0 ? $"all {things} whose state allows it" : string.Join(", ", parts);

        void Add(string value, string words)
        {
            if (value.Length > 0)
            {
                parts.Add(string.Format(CultureInfo.InvariantCulture, words, value));
            }
        }
    }

    /// <summary>An act in words: "Requeue".</summary>
    public static string Word(string act) => act switch { "enqueue" => "Enqueue now", "" => "Act on", _ => char.ToUpperInvariant(act[0]) + act[1..] };
}
