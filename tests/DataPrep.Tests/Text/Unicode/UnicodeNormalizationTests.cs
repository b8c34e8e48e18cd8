using System.Diagnostics;
using System.Text.Json;
using DataPrep.Text.Unicode;

namespace DataPrep.Tests.Text.Unicode;

public sealed class UnicodeNormalizationTests
{
    const string Script = """
        import sys, json, unicodedata
        for line in sys.stdin:
            s = json.loads(line)
            print(json.dumps([unicodedata.normalize('NFC', s), unicodedata.normalize('NFD', s), unicodedata.normalize('NFKC', s), unicodedata.normalize('NFKD', s)]))
        """;

    [Theory]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u212b \u0958", "\u00c5 \u0915\u093c")]
    [InlineData("a\u0315\u0300", "\u00e0\u0315")]
    [InlineData("plain", "plain")]
    [InlineData("\ud800x\udc00", "\ud800x\udc00")]
    public void ToNfc_Composes_KnownText(string text, string expected) => Assert.Equal(expected, UnicodeNormalization.ToNfc(text));

    [Fact]
    public async Task EveryForm_EqualsPythons_ForEveryCharacterAndRandomSequencesAsync()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            Assert.Skip("no /usr/bin/python3");
        }

        // Debian's Python has the data of Unicode 14 too; those that combine or decompose, in random sequences as well.
        var random = new Random(5);
        var all = Enumerable.Range(1, 0x10FFFE).Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32).ToArray();
        var lively = all.Where(c => UnicodeNormalization.ToNfkd(c) != c || c[0] is >= '\u0300' and < '\u0370' or >= '\u1100' and < '\u1200' or >= '\u0590' and < '\u0660').ToArray();
        var texts = all.Chunk(64).Select(group => string.Join('x', group))
            .Concat(Enumerable.Range(0, 20_000).Select(_ => string.Concat(Enumerable.Range(0, 6).Select(_ => lively[random.Next(lively.Length)])))).ToArray();
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var reading = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var text in texts)
        {
            await python.StandardInput.WriteAsync((JsonSerializer.Serialize(text) + "\n").AsMemory(), TestContext.Current.CancellationToken);
        }

        python.StandardInput.Close();
        var lines = (await reading).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(texts.Length, lines.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            var expected = JsonSerializer.Deserialize<string[]>(lines[i])!;
            Assert.Equal(expected[0], UnicodeNormalization.ToNfc(texts[i]));
            Assert.Equal(expected[1], UnicodeNormalization.ToNfd(texts[i]));
            Assert.Equal(expected[2], UnicodeNormalization.ToNfkc(texts[i]));
            Assert.Equal(expected[3], UnicodeNormalization.ToNfkd(texts[i]));
        }
    }
}
