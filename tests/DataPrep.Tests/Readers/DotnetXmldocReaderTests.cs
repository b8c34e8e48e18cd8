using System.Diagnostics;
using System.Security;
using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

public sealed class DotnetXmldocReaderTests : CorpusReaderContract
{
    protected override ICorpusReader Reader { get; } = new DotnetXmldocReader();

    protected override string Sample => """
        <?xml version="1.0" encoding="utf-8"?>
        <doc>
          <assembly><name>Sample</name></assembly>
          <members>
            <member name="T:System.Collections.Generic.List`1"><summary>A strongly typed list: Größe.</summary><typeparam name="T">The type of elements.</typeparam></member><member name="M:System.Collections.Generic.List`1.#ctor"><summary>Initializes a new instance of the <see cref="T:System.Collections.Generic.List`1" /> class.</summary></member>
            <member name="M:System.Collections.Generic.List`1.Insert(System.Int32,`0)">
              <summary>Inserts an element.
                 Second line.</summary>
              <param name="index">Zero-based <paramref name="index" />.</param>
              <param name="item" />
              <returns><see langword="true" /> or <c>x</c>.</returns>
              <exception cref="T:System.ArgumentOutOfRangeException"><paramref name="index" /> is less than 0.
              -or-
              <paramref name="index" /> is greater than <see cref="P:System.Collections.Generic.List`1.Count" />.</exception>
              <remarks><para>One.</para><para>See <see href="https://example.org">the guide</see>.</para><list type="bullet"><item><description>a</description></item><item>b</item></list></remarks>
              <seealso cref="T:System.String" />
            </member>
          </members>
        </doc>
        """;

    protected override IReadOnlyList<RawDocument> Expected =>
    [
        new("T:System.Collections.Generic.List`1", "List", "A strongly typed list: Größe.\nT: The type of elements.", "en", "System.Collections.Generic.List`1"),
        new("M:System.Collections.Generic.List`1.#ctor", "List constructor", "Initializes a new instance of the List class.", "en", "System.Collections.Generic.List`1"),
        new("M:System.Collections.Generic.List`1.Insert(System.Int32,`0)", "List.Insert",
            "Inserts an element. Second line.\nindex: Zero-based index.\ntrue or x.\nArgumentOutOfRangeException: index is less than 0. -or- index is greater than List.Count.\nOne.\nSee the guide.\na\nb", "en", "System.Collections.Generic.List`1"),
    ];

    [Theory]
    [InlineData("T:System.Collections.Generic.Dictionary`2", "Dictionary", "System.Collections.Generic.Dictionary`2")]
    [InlineData("M:System.Collections.Generic.Dictionary`2.TryGetValue(`0,`1@)", "Dictionary.TryGetValue", "System.Collections.Generic.Dictionary`2")]
    [InlineData("T:System.Collections.Generic.Dictionary`2.Enumerator", "Dictionary.Enumerator", "System.Collections.Generic.Dictionary`2.Enumerator")]
    [InlineData("M:System.Collections.Generic.Dictionary`2.Enumerator.MoveNext", "Dictionary.Enumerator.MoveNext", "System.Collections.Generic.Dictionary`2.Enumerator")]
    [InlineData("F:System.Environment.SpecialFolder.Desktop", "Environment.SpecialFolder.Desktop", "System.Environment.SpecialFolder")]
    [InlineData("M:System.Collections.Generic.List`1.#ctor(System.Int32)", "List constructor", "System.Collections.Generic.List`1")]
    [InlineData("M:System.Type.#cctor", "Type static constructor", "System.Type")]
    [InlineData("P:System.Collections.Generic.Dictionary`2.Item(`0)", "Dictionary.Item", "System.Collections.Generic.Dictionary`2")]
    [InlineData("M:System.Linq.Enumerable.Aggregate``3(System.Collections.Generic.IEnumerable{``0},``1,System.Func{``1,``0,``1},System.Func{``1,``2})", "Enumerable.Aggregate", "System.Linq.Enumerable")]
    [InlineData("M:System.Decimal.op_Addition(System.Decimal,System.Decimal)", "Decimal.Addition operator", "System.Decimal")]
    [InlineData("M:System.ArraySegment`1.op_Implicit(`0[])~System.ArraySegment{`0}", "ArraySegment.Implicit operator", "System.ArraySegment`1")]
    [InlineData("M:System.Collections.Generic.Comparer`1.System#Collections#IComparer#Compare(System.Object,System.Object)", "Comparer.IComparer.Compare", "System.Collections.Generic.Comparer`1")]
    [InlineData("M:System.Collections.Generic.Dictionary`2.System#Collections#Generic#ICollection{System#Collections#Generic#KeyValuePair{TKey@TValue}}#Add(System.Collections.Generic.KeyValuePair{`0,`1})", "Dictionary.ICollection.Add", "System.Collections.Generic.Dictionary`2")]
    [InlineData("M:System.UInt128.System#Numerics#IBinaryInteger<System#UInt128>#GetShortestBitLength", "UInt128.IBinaryInteger.GetShortestBitLength", "System.UInt128")]
    [InlineData("E:System.AppDomain.ProcessExit", "AppDomain.ProcessExit", "System.AppDomain")]
    [InlineData("N:System.Collections", "System.Collections", "System.Collections")]
    [InlineData("M:Console", "Console", "Console")]
    public void Title_IsTheReadableName_AndGroupTheDeclaringType(string id, string title, string group)
    {
        var rows = Rows($"""<doc><members><member name="T:System.Environment"/><member name="T:System.Collections.Generic.Dictionary`2"/><member name="{SecurityElement.Escape(id)}"><summary>x</summary></member></members></doc>""");
        Assert.Equal(new RawDocument(id, title, "x", "en", group), rows[^1].Document);
    }

    [Theory]
    [InlineData("""<see cref="Overload:System.Console.WriteLine" />""", "Console.WriteLine")]
    [InlineData("""<see cref="!:Foo" />""", "Foo")]
    [InlineData("""<see cref="System.Text.Encoding" />""", "Encoding")]
    [InlineData("""<see cref="M:System.String.Format(System.String,System.Object[])" />""", "String.Format")]
    [InlineData("""<see cref="M:System.String.#ctor(System.Char[])" />""", "String constructor")]
    [InlineData("""<see cref="T:System.String">the string</see>""", "the string")]
    [InlineData("""<typeparamref name="TKey" />""", "TKey")]
    [InlineData("""<see langword="null" />""", "null")]
    [InlineData("a<code data-dev-comment-type=\"paramref\">value</code>b", "avalueb")]
    [InlineData("10<sup>3</sup>", "103")]
    [InlineData("a<br/>b<!-- not this -->", "a\nb")]
    [InlineData("&lt;T&gt; <![CDATA[<x>]]>", "<T> <x>")]
    public void Content_KeepsTheNamesOfReferences(string xml, string text) =>
        Assert.Equal(text, Assert.Single(Rows($"""<doc><members><member name="T:X"><summary> {xml} </summary></member></members></doc>""")).Document!.Content);

    [Fact]
    public void Read_RejectsAMemberWithoutName()
    {
        var rows = Rows("""<doc><members><member><summary>x</summary></member><member name="T:A"/></members></doc>""");
        Assert.Equal([(0L, RejectReason.MissingId), (1L, "")], rows.Select(r => (r.Row, r.Reason)));
    }

    [Theory]
    [InlineData("<doc>\n<members><member name=\"T:A\"><summary>x</members></doc>", "line 2")]
    [InlineData("<doc><members>", "line 1")]
    [InlineData("<html/>", "expected <doc>")]
    [InlineData("", "line")]
    [InlineData("<!DOCTYPE doc [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><doc>&x;</doc>", "DTD")]
    public void Read_IsAnErrorThatNamesFileAndLine_WhenTheXmlIsBroken(string xml, string message)
    {
        var e = Assert.Throws<DataPrepException>(() => Rows(xml));
        Assert.Contains("given.x", e.Message);
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Read_FindsTheMembersOfTheSdk_ThatPythonFinds()
    {
        var files = DotnetSdkFiles.Find();
        const string script = """
            import sys, hashlib, xml.etree.ElementTree as ET
            seen = set()
            for path in sys.stdin.read().splitlines():
                for member in ET.parse(path).getroot().iter('member'):
                    seen.add(member.get('name'))
            print(len(seen), hashlib.sha256('\n'.join(sorted(seen)).encode()).hexdigest())
            """;
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        python.StandardInput.Write(string.Join('\n', files.Select(f => f.Path)));
        python.StandardInput.Close();
        var ids = new HashSet<string>(files.SelectMany(f => Rows(f)).Select(r => r.Document!.Id));
        var sorted = ids.Order(StringComparer.Ordinal); // documentation ids are ASCII here: ordinal order is Python's
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', sorted))));
        Assert.Equal($"{ids.Count} {hash}", python.StandardOutput.ReadToEnd().Trim());
        python.WaitForExit();
        Assert.Contains("M:System.Collections.Generic.Dictionary`2.TryGetValue(`0,`1@)", ids);
    }
}
