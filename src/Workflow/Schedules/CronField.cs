namespace Workflow.Schedules;

/// <summary>One field of a cron expression: the values that fit, and how it was written.</summary>
/// <param name="Bits">Bit <c>n</c> is set where the value <c>n</c> fits.</param>
/// <param name="Star">Whether it begins with <c>*</c>: as in Vixie cron, <c>*/2</c> does too.</param>
readonly record struct CronField(ulong Bits, bool Star)
{
    public bool Has(int value) => (Bits >> value & 1) != 0;

    /// <summary>The smallest fitting value that is at least the given one; -1 where there is none.</summary>
    public int AtLeast(int value)
    {
        var rest = value > 63 ? 0 : Bits >> value << value;
        return rest == 0 ? -1 : System.Numerics.BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>The fitting values, ascending.</summary>
    public IEnumerable<int> Values
    {
        get
        {
            for (var at = AtLeast(0); at >= 0; at = AtLeast(at + 1))
            {
                yield return at;
            }
        }
    }
}
