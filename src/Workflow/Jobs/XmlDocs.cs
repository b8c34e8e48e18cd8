using System.ComponentModel;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Workflow.Jobs;

/// <summary>Summaries of types and properties, from [Description] or from the documentation files beside the program.</summary>
sealed class XmlDocs
{
    readonly Dictionary<Assembly, Dictionary<string, XElement>> files = [];

    /// <summary>What a property is; null where nothing says.</summary>
    public string? Of(OptionMember member)
    {
        if (member.Property.GetCustomAttribute<DescriptionAttribute>() is { } attribute)
        {
            return attribute.Description;
        }

        var type = member.Property.DeclaringType!;
        var docs = Docs(type.Assembly);
        var name = type.FullName?.Replace('+', '.');
        var element = docs.GetValueOrDefault($"P:{name}.{member.Property.Name}")?.Element("summary")
            ?? docs.GetValueOrDefault($"T:{name}")?.Elements("param").FirstOrDefault(p => (string?)p.Attribute("name") == member.Property.Name);
        return element is null ? null : Text(element);
    }

    /// <summary>What a type is; null where nothing says.</summary>
    public string? Of(Type type) =>
        type.GetCustomAttribute<DescriptionAttribute>()?.Description
        ?? (Docs(type.Assembly).GetValueOrDefault($"T:{type.FullName?.Replace('+', '.')}")?.Element("summary") is { } summary ? Text(summary) : null);

    Dictionary<string, XElement> Docs(Assembly assembly)
    {
        if (files.TryGetValue(assembly, out var docs))
        {
            return docs;
        }

        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        docs = File.Exists(path)
            ? XDocument.Load(path).Descendants("member").GroupBy(m => (string)m.Attribute("name")!).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal)
            : [];
        return files[assembly] = docs;
    }

    /// <summary>Plain text: references keep the last part of their name, runs of white space become one space.</summary>
    static string Text(XElement element)
    {
        var copy = new XElement(element);
        foreach (var reference in copy.Descendants().Where(e => e.Name == "see" || e.Name == "paramref").ToList())
        {
            var name = (string?)reference.Attribute("cref") ?? (string?)reference.Attribute("name") ?? (string?)reference.Attribute("langword") ?? "";
            reference.ReplaceWith(new XText(reference.Value.Length > 0 ? reference.Value : name.Split('(')[0].Split('.', ':')[^1]));
        }

        return Regex.Replace(copy.Value, @"\s+", " ").Trim();
    }
}
