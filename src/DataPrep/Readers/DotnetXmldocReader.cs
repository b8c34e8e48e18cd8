using System.Xml;
using System.Xml.Linq;

namespace DataPrep.Readers;

/// <summary>
/// The XML files that document .NET assemblies: a document per member. Id: the documentation id ("M:System.String.Trim"); title: its readable name ("String.Trim");
/// content: what its sections say; group: the declaring type in full.
/// </summary>
public sealed class DotnetXmldocReader : ICorpusReader
{
    /// <inheritdoc/>
    public string Format => "dotnet-xmldoc";

    /// <inheritdoc/>
    public IReadOnlyList<string> FileNames => ["*.xml"];

    /// <inheritdoc/>
    public IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken = default)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        using (var first = new MemberStream(file))
        {
            while (first.Next())
            {
                if (first.Id is { Length: > 2 } id && id.StartsWith("T:", StringComparison.Ordinal))
                {
                    types.Add(id[2..]);
                }
            }
        }

        var names = new DocumentationNames(types);
        var text = new DocumentationText(names);
        using var members = new MemberStream(file);
        for (var row = 0L; members.Next(); row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = members.Id;
            yield return string.IsNullOrWhiteSpace(id)
                ? RawRow.Rejected(row, RejectReason.MissingId, "a <member> without a name")
                : new RawRow(row, new RawDocument(id, names.Readable(id), text.Of(members.Element()), options.Lang.Length > 0 ? options.Lang : "en", DocumentationNames.DeclaringType(id)));
        }
    }

    // The <member> elements of a file, one after the other.
    sealed class MemberStream : IDisposable
    {
        readonly CorpusFile file;
        readonly Stream stream;
        readonly XmlReader xml;
        bool taken;

        internal MemberStream(CorpusFile file)
        {
            this.file = file;
            stream = file.Open();
            xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true });
        }

        internal string? Id => xml.GetAttribute("name");

        internal bool Next()
        {
            try
            {
                if (xml.ReadState == ReadState.Initial)
                {
                    xml.MoveToContent();
                    if (xml.NodeType != XmlNodeType.Element || xml.Name != "doc")
                    {
                        throw new DataPrepException($"'{file.Name}' begins with <{xml.Name}>, expected <doc>: the XML documentation of an assembly.");
                    }
                }

                // Element() leaves the reader behind its member.
                while (taken ? xml.ReadState == ReadState.Interactive : xml.Read())
                {
                    taken = false;
                    if (xml.NodeType == XmlNodeType.Element && xml.Name == "member")
                    {
                        return true;
                    }
                }

                return false;
            }
            catch (XmlException e)
            {
                throw Broken(e);
            }
        }

        internal XElement Element()
        {
            try
            {
                taken = true;
                return (XElement)XNode.ReadFrom(xml);
            }
            catch (XmlException e)
            {
                throw Broken(e);
            }
        }

        public void Dispose()
        {
            xml.Dispose();
            stream.Dispose();
        }

        DataPrepException Broken(XmlException e)
        {
            stream.CopyTo(Stream.Null); // where a truncated .gz is the cause, this says so
            return new DataPrepException($"'{file.Name}', line {e.LineNumber}, column {e.LinePosition}: broken XML: {e.Message} Expected the XML documentation of an assembly; build or fetch it again.", e);
        }
    }
}
