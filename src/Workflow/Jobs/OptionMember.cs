using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Workflow.Jobs;

/// <summary>A property of an options record as job files see it.</summary>
sealed record OptionMember
{
    static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionMember>> known = new();

    /// <summary>Its key in YAML.</summary>
    public required string Key { get; init; }

    public required PropertyInfo Property { get; init; }

    /// <summary>Parameter of the record's constructor that it comes from; null for a plain property.</summary>
    public ParameterInfo? Parameter { get; init; }

    public required bool Nullable { get; init; }

    /// <summary>Must be given: <c>required</c>, [Required], or a constructor parameter without a default.</summary>
    public required bool Required { get; init; }

    /// <summary>Stays out of the memo key.</summary>
    public required bool Operational { get; init; }

    public required bool FilePath { get; init; }

    public required IReadOnlyList<ValidationAttribute> Checks { get; init; }

    /// <summary>Settable public properties of a record, in declared order.</summary>
    public static IReadOnlyList<OptionMember> Of(Type record) => known.GetOrAdd(record, Find);

    /// <summary>A record of this type with its defaults; members that must be given hold the default of their type.</summary>
    public static object Create(Type record)
    {
        if (Constructor(record) is not { } constructor)
        {
            return Activator.CreateInstance(record) ?? throw new InvalidOperationException($"{record} cannot be created.");
        }

        return constructor.Invoke([.. constructor.GetParameters().Select(p =>
            p.HasDefaultValue && p.DefaultValue is not null ? p.DefaultValue : p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null)]);
    }

    static List<OptionMember> Find(Type record)
    {
        var parameters = Constructor(record)?.GetParameters() ?? [];
        var members = new List<OptionMember>();
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
        {
            var parameter = parameters.FirstOrDefault(p => p.Name == property.Name);
            var attributes = property.GetCustomAttributes().Concat(parameter?.GetCustomAttributes() ?? []).ToList();
            var path = attributes.OfType<FilePathAttribute>().Any();
            members.Add(new OptionMember
            {
                Key = Names.Snake(property.Name),
                Property = property,
                Parameter = parameter,
                Nullable = IsNullable(property),
                Required = attributes.Any(a => a is RequiredMemberAttribute or RequiredAttribute) || parameter is { HasDefaultValue: false },
                Operational = path || attributes.OfType<OperationalAttribute>().Any(),
                FilePath = path,
                Checks = [.. attributes.OfType<ValidationAttribute>().Where(a => a is not RequiredAttribute)],
            });
        }

        return members;
    }

    static ConstructorInfo? Constructor(Type record) =>
        record.IsValueType || record.GetConstructor(Type.EmptyTypes) is not null ? null : record.GetConstructors().MaxBy(c => c.GetParameters().Length);

    static bool IsNullable(PropertyInfo property) =>
        System.Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).WriteState != NullabilityState.NotNull);
}
