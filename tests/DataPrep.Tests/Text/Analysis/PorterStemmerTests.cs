using System.Diagnostics;
using System.Text;
using DataPrep.Text.Analysis;

namespace DataPrep.Tests.Text.Analysis;

public sealed class PorterStemmerTests
{
    /// <summary>The examples of Porter's paper, steps 1a to 5b.</summary>
    [Theory]
    [InlineData("caresses caress ponies poni ties ti cats cat feed feed agreed agre plastered plaster bled bled motoring motor sing sing")]
    [InlineData("conflated conflat troubled troubl sized size hopping hop tanned tan falling fall hissing hiss fizzed fizz failing fail filing file happy happi sky sky")]
    [InlineData("relational relat conditional condit rational ration valenci valenc hesitanci hesit digitizer digit conformabli conform radicalli radic differentli differ vileli vile")]
    [InlineData("triplicate triplic formative form formalize formal electriciti electr electrical electr hopeful hope goodness good")]
    [InlineData("revival reviv allowance allow inference infer airliner airlin adoption adopt homologou homolog communism commun activate activ bowdlerize bowdler")]
    [InlineData("probate probat rate rate cease ceas controll control roll roll oscillators oscil generalizations gener")]
    public void Stem_GivesThePaperExamples_ForEachStep(string pairs)
    {
        var words = pairs.Split(' ');
        for (var i = 0; i < words.Length; i += 2)
        {
            Assert.Equal(words[i + 1], Stem(words[i]));
        }
    }

    [Fact]
    public async Task Stem_EqualsSqlitesPorterTokenizer_OnTheWordsOfRealCorporaAsync()
    {
        if (!File.Exists("/usr/bin/sqlite3"))
        {
            Assert.Skip("no /usr/bin/sqlite3 with FTS5");
        }

        var words = new[] { "cranfield", "cisi", "cacm", "med", "time", "xquad/en", "msdocs-cpp-en" }
            .SelectMany(name => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{name}"), "corpus.jsonl")).Texts)
            .SelectMany(Letters).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.InRange(words.Length, 30_000, int.MaxValue);
        var stems = await SqliteStemsAsync(words);
        var differing = words.Where((word, i) => Stem(word) != stems[i]).Select(word => $"{word}: {Stem(word)}").ToArray();
        Assert.Empty(differing);
    }

    static string Stem(string word)
    {
        var buffer = word.ToCharArray();
        return new string(buffer, 0, PorterStemmer.Stem(buffer));
    }

    static IEnumerable<string> Letters(string text)
    {
        var word = new StringBuilder();
        foreach (var c in text.ToLowerInvariant().Append(' '))
        {
            if (c is >= 'a' and <= 'z')
            {
                word.Append(c);
            }
            else
            {
                // FTS5 leaves words of 64 bytes and more alone.
                if (word.Length is > 0 and < 64)
                {
                    yield return word.ToString();
                }

                word.Clear();
            }
        }
    }

    static async Task<string[]> SqliteStemsAsync(string[] words)
    {
        var script = new StringBuilder("create virtual table t using fts5(w, tokenize='porter ascii'); create virtual table v using fts5vocab(t, 'instance');\nbegin;\n");
        for (var i = 0; i < words.Length; i++)
        {
            script.Append($"insert into t(rowid, w) values ({i}, '{words[i]}');\n");
        }

        script.Append("commit;\nselect doc || ' ' || term from v order by doc;\n");
        using var sqlite = Process.Start(new ProcessStartInfo("/usr/bin/sqlite3", ":memory:") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await sqlite.StandardInput.WriteAsync(script, TestContext.Current.CancellationToken);
        sqlite.StandardInput.Close();
        var lines = (await sqlite.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await sqlite.WaitForExitAsync(TestContext.Current.CancellationToken);
        var stems = new string[words.Length];
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            stems[int.Parse(fields[0])] = fields[1];
        }

        return stems;
    }
}
