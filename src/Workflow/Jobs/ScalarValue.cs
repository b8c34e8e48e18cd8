using System.Globalization;

namespace Workflow.Jobs;

/// <summary>Text of a scalar to a value; culture and YAML 1.1's extra spellings play no part.</summary>
static class ScalarValue
{
    const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The value; null with a message where the text is none of that type.</summary>
    public static object? Parse(JobScalar node, Type type, out string message)
    {
        message = $"found {node.Shape}; expected {OptionType.Describe(type)}.";
        var text = node.Text;
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            return text switch { "true" => true, "false" => false, _ => null };
        }

        if (type == typeof(int) || type == typeof(long))
        {
            if (!long.TryParse(text, Whole, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            if (type == typeof(long))
            {
                return number;
            }

            message = $"found {number}; expected a whole number of 32 bits.";
            return number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
        }

        if (type == typeof(double) || type == typeof(float))
        {
            if (!double.TryParse(text, Real, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            {
                return null;
            }

            return type == typeof(double) ? number : float.IsFinite((float)number) ? (float)number : null;
        }

        if (type == typeof(TimeSpan))
        {
            return Durations.TryParse(text, out var span) ? span : null;
        }

        if (OptionType.EnumValue(type, text) is { } value)
        {
            return value;
        }

        message = $"found {node.Shape}{NearestName.Hint(text, OptionType.EnumNames(type))}";
        return null;
    }
}
