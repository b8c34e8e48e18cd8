using System.Diagnostics;
using System.Text;
using DataPrep.Cleaning;
using DataPrep.Tests.Tables;

namespace DataPrep.Tests.Cleaning;

public sealed class TextCleanerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("  two\t\tblanks \r\n and\u00A0more\u3000 ", "two blanks and more")]
    [InlineData("a\u0000b\u0007c\u007F\u0085d", "abc d")]
    [InlineData("\uFEFFmark", "mark")]
    [InlineData("e\u0301 \u1100\u1161 \u212B", "é 가 Å")]
    [InlineData("\u0001", "")]
    public void Clean_Normalizes(string text, string clean) => Assert.Equal(clean, TextCleaner.Clean(text, new CleaningOptions()));

    [Fact]
    public void Clean_KeepsLineBreaks_WhenAsked() =>
        Assert.Equal("a b\nc\nd", TextCleaner.Clean(" a  b \r\n\r\n c\u2028d\n", new CleaningOptions { KeepLineBreaks = true }));

    [Fact]
    public void Clean_RefusesHalfASurrogatePair() => // in one test: data of a theory would be written as UTF-8 on its way
        Assert.All(["a\uD800", "\uDC00a", "\uD800\uD800\uDC00", "\uDC00\uD800"], text => Assert.Null(TextCleaner.Clean(text, new CleaningOptions())));

    [Fact]
    public void Clean_ComposesAsPythonsUnicodedataDoes()
    {
        // Every pair of a base and a combining mark from several scripts, and random runs of assigned characters.
        var noise = new Noise(7);
        var lines = new List<string>();
        for (var i = 0; i < 3000; i++)
        {
            var text = new StringBuilder("x");
            for (var n = 0; n < 6; n++)
            {
                var range = ((ulong)noise.Next() % 7) switch { 0 => (0x41, 0x250), 1 => (0x300, 0x36F), 2 => (0x1100, 0x11FF), 3 => (0x900, 0x9FF), 4 => (0xF900, 0xFA6D), 5 => (0x1E00, 0x1FFE), _ => (0x1D15E, 0x1D164) };
                text.Append(char.ConvertFromUtf32(range.Item1 + (int)((ulong)noise.Next() % (ulong)(range.Item2 - range.Item1))));
            }

            lines.Add(text.Append('x').ToString());
        }

        const string script = """
            import sys, unicodedata
            # Characters that this Python's Unicode version does not assign yet are left out of the comparison.
            for line in sys.stdin.buffer.read().decode('utf-8').split('\n'):
                print('?' if any(unicodedata.category(c) in ('Cn', 'Cc', 'Zs') for c in line) else unicodedata.normalize('NFC', line))
            """;
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            Environment = { ["PYTHONIOENCODING"] = "utf-8" },
        })!;
        python.StandardInput.Write(string.Join('\n', lines));
        python.StandardInput.Close();
        var expected = python.StandardOutput.ReadToEnd().TrimEnd('\n').Split('\n');
        python.WaitForExit();
        Assert.Equal(lines.Count, expected.Length);
        Assert.True(expected.Count(e => e != "?") > 2000);
        for (var i = 0; i < lines.Count; i++)
        {
            if (expected[i] != "?")
            {
                Assert.Equal(expected[i], TextCleaner.Clean(lines[i], new CleaningOptions()));
            }
        }
    }
}
