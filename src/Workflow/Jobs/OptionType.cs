using System.Reflection;

namespace Workflow.Jobs;

/// <summary>What kinds of values options are made of.</summary>
static class OptionType
{
    static readonly Type[] scalars = [typeof(bool), typeof(int), typeof(long), typeof(float), typeof(double), typeof(string), typeof(TimeSpan)];

    /// <summary>The type under <c>T?</c>.</summary>
    public static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    public static bool IsScalar(Type type) => scalars.Contains(type) || type.IsEnum;

    /// <summary>Element type of a list; null for others.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        return type.IsGenericType && type.GetGenericArguments() is [var element] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(element)) ? element : null;
    }

    /// <summary>Value type of a dictionary keyed by strings; null for others.</summary>
    public static Type? ValueOf(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
        && (type.IsAssignableFrom(typeof(SortedDictionary<,>).MakeGenericType(key, value)) || type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)))
            ? value
            : null;

    public static bool IsRecord(Type type) => !IsScalar(type) && ElementOf(type) is null && ValueOf(type) is null && (type.IsClass || type.IsValueType);

    /// <summary>Whether any part is marked [Operational] or [FilePath].</summary>
    public static bool HasOperational(Type type)
    {
        var bare = Bare(type);
        if ((ElementOf(bare) ?? ValueOf(bare)) is { } inner)
        {
            return HasOperational(inner);
        }

        return IsRecord(bare) && OptionMember.Of(bare).Any(m => m.Operational || HasOperational(m.Property.PropertyType));
    }

    /// <summary>Values of an enum as job files write them.</summary>
    public static IReadOnlyList<string> EnumNames(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => Names.Snake(f.Name))];

    /// <summary>The enum value of a written name; <c>-</c> counts as <c>_</c>.</summary>
    public static object? EnumValue(Type type, string text)
    {
        var field = type.GetFields(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(f => Names.Snake(f.Name) == text.Replace('-', '_'));
        return field?.GetValue(null);
    }

    /// <summary>What a value of this type looks like, for messages.</summary>
    public static string Describe(Type type)
    {
        var bare = Bare(type);
        return bare switch
        {
            _ when bare == typeof(bool) => "true or false",
            _ when bare == typeof(int) || bare == typeof(long) => "a whole number",
            _ when bare == typeof(float) || bare == typeof(double) => "a number",
            _ when bare == typeof(string) => "text",
            _ when bare == typeof(TimeSpan) => "a duration such as 30s, 5m or 1h30m",
            _ when bare.IsEnum => $"one of {string.Join(", ", EnumNames(bare))}",
            _ when ElementOf(bare) is not null => "a list",
            _ => "a mapping",
        };
    }
}
