using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Workflow.Jobs;

/// <summary>Runs the data annotations of an option.</summary>
static class OptionChecks
{
    public static void Run(OptionMember member, object? value, JobNode node, string path, FaultList faults)
    {
        foreach (var check in member.Checks)
        {
            if (check is RangeAttribute or AllowedValuesAttribute && value is not string && value is IEnumerable items)
            {
                // Of a list, each element is meant.
                var nodes = (node as JobList)?.Items ?? [];
                foreach (var (item, i) in items.Cast<object?>().Select((item, i) => (item, i)))
                {
                    Report(check, member, item, i < nodes.Count ? nodes[i] : node, Names.Join(path, i.ToString()), faults);
                }

                continue;
            }

            Report(check, member, value, node, path, faults);
        }
    }

    static void Report(ValidationAttribute check, OptionMember member, object? value, JobNode node, string path, FaultList faults)
    {
        var message = check switch
        {
            RangeAttribute range when range.OperandType != typeof(TimeSpan) => OutOfRange(range, value),
            AllowedValuesAttribute allowed => NotAllowed(allowed, value),
            _ => check.GetValidationResult(value, new ValidationContext(value ?? member) { MemberName = member.Property.Name, DisplayName = member.Key })?.ErrorMessage,
        };
        if (message is not null)
        {
            faults.Add(node, path, message);
        }
    }

    /// <summary>Compares as double: [Range(0, 1)] would round a double to an integer first.</summary>
    static string? OutOfRange(RangeAttribute range, object? value)
    {
        var number = Convert.ToDouble(value);
        var (low, high) = (Convert.ToDouble(range.Minimum), Convert.ToDouble(range.Maximum));
        var fits = (range.MinimumIsExclusive ? number > low : number >= low) && (range.MaximumIsExclusive ? number < high : number <= high);
        return fits ? null : $"found {value}; expected {Bounds(range)}.";
    }

    /// <summary>"at least 1", "above 0 and at most 1".</summary>
    public static string Bounds(RangeAttribute range)
    {
        var low = range.Minimum is int.MinValue or double.MinValue or double.NegativeInfinity ? null : $"{(range.MinimumIsExclusive ? "above" : "at least")} {range.Minimum}";
        var high = range.Maximum is int.MaxValue or double.MaxValue or double.PositiveInfinity ? null : $"{(range.MaximumIsExclusive ? "below" : "at most")} {range.Maximum}";
        return string.Join(" and ", new[] { low, high }.OfType<string>());
    }

    static string? NotAllowed(AllowedValuesAttribute allowed, object? value)
    {
        var names = allowed.Values.Select(v => v?.ToString() ?? "null").ToList();
        return allowed.Values.Contains(value) ? null : $"found '{value}'{NearestName.Hint(value?.ToString() ?? "", names)}";
    }
}
