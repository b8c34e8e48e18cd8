using System.Text;
using System.Xml.Linq;

namespace DataPrep.Readers;

/// <summary>
/// Text of a documentation member: summary, type parameters, parameters, returns, value, exceptions, remarks and examples in document order, one line each at least.
/// References keep their readable names, so that "a new instance of the List class" stays a sentence.
/// </summary>
sealed class DocumentationText(DocumentationNames names)
{
    readonly StringBuilder text = new();

    internal string Of(XElement member)
    {
        text.Clear();
        foreach (var section in member.Elements())
        {
            var label = section.Name.LocalName switch
            {
                "summary" or "returns" or "value" or "remarks" or "example" => "",
                "param" or "typeparam" => (string?)section.Attribute("name") ?? "",
                "exception" => (string?)section.Attribute("cref") is { } cref ? names.Readable(cref) : "",
                _ => null,
            };
            if (label is null)
            {
                continue;
            }

            Break();
            var before = text.Length;
            if (label.Length > 0)
            {
                text.Append(label).Append(": ");
            }

            var start = text.Length;
            Inline(section);
            if (text.Length == start)
            {
                text.Length = before; // a parameter without a text says nothing
            }
        }

        return text.ToString().Trim();
    }

    void Inline(XElement parent)
    {
        foreach (var node in parent.Nodes())
        {
            switch (node)
            {
                case XText words:
                    Words(words.Value);
                    break;
                case XElement element:
                    Element(element);
                    break;
            }
        }
    }

    void Element(XElement element)
    {
        switch (element.Name.LocalName)
        {
            case "see" or "seealso" when element.IsEmpty || element.Value.Length == 0:
                text.Append((string?)element.Attribute("langword") ?? ((string?)element.Attribute("cref") is { } cref ? names.Readable(cref) : (string?)element.Attribute("href") ?? ""));
                break;
            case "paramref" or "typeparamref":
                text.Append((string?)element.Attribute("name") ?? "");
                break;
            case "xref" when element.Value.Length == 0:
                text.Append((string?)element.Attribute("uid") is { } uid ? names.Readable(uid) : "");
                break;
            case "script":
                break;
            case "para" or "p" or "br" or "list" or "listheader" or "item" or "li" or "ul" or "ol" or "div" or "term" or "description":
                Break();
                Inline(element);
                Break();
                break;
            default:
                Inline(element);
                break;
        }
    }

    void Words(string words)
    {
        foreach (var c in words)
        {
            if (!char.IsWhiteSpace(c))
            {
                text.Append(c);
            }
            else if (text.Length > 0 && text[^1] is not ' ' and not '\n')
            {
                text.Append(' ');
            }
        }
    }

    void Break()
    {
        while (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
        }

        if (text.Length > 0 && text[^1] != '\n')
        {
            text.Append('\n');
        }
    }
}
