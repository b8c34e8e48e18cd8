using System.CommandLine;

namespace Workflow.Cli;

/// <summary>How many nodes of a slot class run at once.</summary>
static class SlotArguments
{
    /// <summary>The option <c>--slots</c>.</summary>
    public static Option<string[]> Option() => new("--slots")
    {
        Description = "Nodes of a class that run at once, such as cpu=2 gpu=1; default: one each. Threads are the job's: see `threads:`",
        HelpName = "CLASS=N",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The classes with their counts.</summary>
    /// <exception cref="WorkflowException">A text is no class and count.</exception>
    public static IReadOnlyDictionary<string, int>? Of(ParseResult parse, Option<string[]> option)
    {
        if (parse.GetValue(option) is not { Length: > 0 } given)
        {
            return null;
        }

        var slots = new Dictionary<string, int>(StringComparer.Ordinal) { ["cpu"] = 1, ["gpu"] = 1 };
        foreach (var text in given.SelectMany(g => g.Split(',')))
        {
            if (text.Split('=') is not [var name and ("cpu" or "gpu"), var digits] || !int.TryParse(digits, out var count) || count is < 0 or > 256)
            {
                throw new WorkflowException($"--slots {text}: expected cpu=N or gpu=N with N from 0 to 256.", exitCode: 2);
            }

            slots[name] = count;
        }

        return slots;
    }
}
