using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Workflow.Jobs;

/// <summary>Fills options records from nodes; every fault keeps its place.</summary>
sealed class OptionsBinder(FaultList faults, AllowedPaths paths)
{
    /// <summary>A record of <paramref name="type"/>: what <paramref name="node"/> says over its defaults. Meaningless where it added faults.</summary>
    /// <param name="node">The mapping; null where nothing is given.</param>
    /// <param name="place">Where to report what is missing.</param>
    /// <param name="path">Path of the mapping in the job.</param>
    /// <param name="type">Type of the record.</param>
    /// <param name="defaults">A record whose values stand where the mapping is silent; null takes the type's own.</param>
    public object Record(JobNode? node, NodeMark place, string path, Type type, object? defaults = null)
    {
        var members = OptionMember.Of(type);
        var result = OptionMember.Create(type);
        foreach (var member in defaults is null ? [] : members)
        {
            member.Property.SetValue(result, member.Property.GetValue(defaults));
        }

        var map = node as JobMap;
        if (node is not null && map is null && node is not JobScalar { IsNull: true })
        {
            faults.Add(node, path, $"found {node.Shape}; expected a mapping of {string.Join(", ", members.Select(m => m.Key))}.");
            return result;
        }

        var given = new Dictionary<string, NodeMark>(StringComparer.Ordinal);
        var before = faults.Count;
        foreach (var (key, value) in map?.Entries ?? [])
        {
            var member = members.FirstOrDefault(m => m.Key == key.Text.Replace('-', '_'));
            if (member is null)
            {
                Unknown(key, path, members);
            }
            else if (given.TryAdd(member.Key, value.Mark))
            {
                Member(member, value, Names.Join(path, member.Key), result);
            }
            else
            {
                faults.Add(key, Names.Join(path, key.Text), $"the key '{member.Key}' stands twice; expected it once.");
            }
        }

        foreach (var member in members.Where(m => m.Required && !given.ContainsKey(m.Key) && defaults is null))
        {
            faults.Add(place, Names.Join(path, member.Key), $"is missing; expected {OptionType.Describe(member.Property.PropertyType)}.");
        }

        if (faults.Count == before && result is IValidatableObject self)
        {
            foreach (var wrong in self.Validate(new ValidationContext(result)))
            {
                var key = wrong.MemberNames.Select(Names.Snake).FirstOrDefault();
                faults.Add(key is not null && given.TryGetValue(key, out var mark) ? mark : place, key is null ? path : Names.Join(path, key), wrong.ErrorMessage ?? "is not valid.");
            }
        }

        return result;
    }

    // A key of a record within is named with its place: it is where the key has moved to, or was meant to stand.
    void Unknown(JobScalar key, string path, IReadOnlyList<OptionMember> members)
    {
        var name = key.Text.Replace('-', '_');
        var within = members.Where(m => OptionType.IsRecord(OptionType.Bare(m.Property.PropertyType)) && OptionMember.Of(OptionType.Bare(m.Property.PropertyType)).Any(n => n.Key == name))
            .Select(m => $"'{Names.Join(m.Key, name)}'").ToList();
        if (within.Count > 0 && NearestName.Of(name, members.Select(m => m.Key)) is null)
        {
            faults.Add(key, Names.Join(path, key.Text), $"unknown key '{key.Text}'; did you mean {string.Join(" or ", within)}? Known: {string.Join(", ", members.Select(m => m.Key))}.");
            return;
        }

        faults.Unknown(key.Mark, Names.Join(path, key.Text), "key", key.Text, [.. members.Select(m => m.Key)]);
    }

    void Member(OptionMember member, JobNode node, string path, object result)
    {
        var type = member.Property.PropertyType;
        if (node is JobScalar { IsNull: true })
        {
            if (member.Nullable)
            {
                member.Property.SetValue(result, null);
            }
            else
            {
                faults.Add(node, path, $"found nothing; expected {OptionType.Describe(type)}.");
            }

            return;
        }

        var before = faults.Count;
        var value = Value(node, path, OptionType.Bare(type), member, member.Property.GetValue(result));
        if (faults.Count == before)
        {
            OptionChecks.Run(member, value, node, path, faults);
            member.Property.SetValue(result, value);
        }
    }

    object? Value(JobNode node, string path, Type type, OptionMember member, object? current)
    {
        if (OptionType.IsScalar(type))
        {
            return Scalar(node, path, type, member);
        }

        if (OptionType.ElementOf(type) is { } element)
        {
            return List(node, path, type, element, member);
        }

        if (OptionType.ValueOf(type) is { } inner)
        {
            return Dictionary(node, path, type, inner, member);
        }

        return Record(node, node.Mark, path, type, current);
    }

    object? Scalar(JobNode node, string path, Type type, OptionMember member)
    {
        if (node is not JobScalar scalar || scalar.IsNull)
        {
            faults.Add(node, path, $"found {node.Shape}; expected {OptionType.Describe(type)}.");
            return null;
        }

        if (member.FilePath)
        {
            return paths.Check(scalar, path, faults);
        }

        var value = ScalarValue.Parse(scalar, type, out var message);
        if (value is null)
        {
            faults.Add(node, path, message);
        }

        return value;
    }

    object? List(JobNode node, string path, Type type, Type element, OptionMember member)
    {
        if (node is not JobList list)
        {
            faults.Add(node, path, $"found {node.Shape}; expected a list of {OptionType.Describe(element)}{(node is JobScalar s ? $", such as [{s.Text}]" : "")}.");
            return null;
        }

        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var before = faults.Count;
            var value = Value(list.Items[i], Names.Join(path, i.ToString()), OptionType.Bare(element), member, null);
            if (faults.Count == before)
            {
                items.Add(value);
            }
        }

        if (!type.IsArray)
        {
            return items;
        }

        var array = Array.CreateInstance(element, items.Count);
        items.CopyTo(array, 0);
        return array;
    }

    object? Dictionary(JobNode node, string path, Type type, Type inner, OptionMember member)
    {
        if (node is not JobMap map)
        {
            faults.Add(node, path, $"found {node.Shape}; expected a mapping of names to {OptionType.Describe(inner)}.");
            return null;
        }

        var sorted = typeof(SortedDictionary<,>).MakeGenericType(typeof(string), inner);
        var items = (IDictionary)(type.IsAssignableFrom(sorted)
            ? Activator.CreateInstance(sorted, StringComparer.Ordinal)!
            : Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), inner), StringComparer.Ordinal)!);
        foreach (var (key, value) in map.Entries)
        {
            var before = faults.Count;
            var bound = Value(value, Names.Join(path, key.Text), OptionType.Bare(inner), member, null);
            if (faults.Count == before)
            {
                items[key.Text] = bound;
            }
        }

        return items;
    }
}
