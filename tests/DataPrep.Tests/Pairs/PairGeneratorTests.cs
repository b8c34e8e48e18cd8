using DataPrep.Pairs;

namespace DataPrep.Tests.Pairs;

public sealed class PairGeneratorTests
{
    const string Words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";

    [Fact]
    public void Table_KnowsItsGenerators_AndNamesThemWhenAskedForAnother()
    {
        var options = new PairOptions();
        Assert.Equal(PairGeneratorTable.Names, PairGeneratorTable.Create(PairGeneratorTable.Names, options).Select(g => g.Name));
        Assert.Contains("crop, lead, title", Assert.Throws<DataPrepException>(() => PairGeneratorTable.Create(["titel"], options)).Message);
    }

    [Fact]
    public void Title_AsksForTheContent_WhereThereAreBoth()
    {
        var generator = new TitleGenerator();
        Assert.Equal([new GeneratedQuery("T", null)], generator.Generate(Make("T", "content"), 1));
        Assert.Empty(generator.Generate(Make("", "content"), 1));
        Assert.Empty(generator.Generate(Make("T", ""), 1));
    }

    [Theory]
    [InlineData("This is one sentence. The rest has more words, enough of them to count.", "This is one sentence.", "The rest has more words, enough of them to count.")]
    [InlineData("See e.g. J. Smith for this. And here are eight more words to follow it.", "See e.g. J. Smith for this.", "And here are eight more words to follow it.")]
    [InlineData("Is 3.5 too much? The rest of the text goes on for quite a while.", "Is 3.5 too much?", "The rest of the text goes on for quite a while.")]
    [InlineData("這是第一個句子。後面還有很多很多很多文字在這裡。", "這是第一個句子。", "後面還有很多很多很多文字在這裡。")]
    public void Lead_CutsAfterTheFirstSentence(string content, string query, string passage) =>
        Assert.Equal([new GeneratedQuery(query, passage)], new LeadGenerator(new LeadOptions()).Generate(Make("", content), 1));

    [Theory]
    [InlineData("Too short. The rest has more words, enough of them to count here.")]
    [InlineData("This is one sentence. Too little rest.")]
    [InlineData("No end of a sentence is in this text at all")]
    [InlineData("")]
    public void Lead_LeavesTextsThatDoNotLendThemselves(string content) => Assert.Empty(new LeadGenerator(new LeadOptions()).Generate(Make("", content), 1));

    [Fact]
    public void Crop_TakesARunOfWordsOutOfThePassage()
    {
        var generator = new CropGenerator(new CropOptions { PerDocument = 50, MinWords = 3, MaxWords = 6, Keep = 0.3 });
        var queries = generator.Generate(Make("", Words), 17).ToList();
        Assert.Equal(50, queries.Count);
        Assert.All(queries, q =>
        {
            var words = q.Text.Split(' ');
            Assert.InRange(words.Length, 3, 6);
            Assert.Contains(q.Text, Words);
            if (q.Passage is { } passage)
            {
                var rest = passage.Split(' ');
                Assert.Equal(16, words.Length + rest.Length);
                Assert.Equal(Words.Split(' ').Order(), words.Concat(rest).Order());
            }
        });
        Assert.InRange(queries.Count(q => q.Passage is null), 5, 27);
        Assert.Equal([3, 4, 5, 6], queries.Select(q => q.Text.Split(' ').Length).Distinct().Order());
    }

    [Fact]
    public void Crop_DependsOnSeedAndDocumentAlone()
    {
        var generator = new CropGenerator(new CropOptions { PerDocument = 4 });
        Assert.Equal(generator.Generate(Make("", Words), 17), generator.Generate(Make("other title", Words), 17));
        Assert.NotEqual(generator.Generate(Make("", Words), 17), generator.Generate(Make("", Words), 18));
        Assert.NotEqual(generator.Generate(Make("", Words), 17), generator.Generate(Make("", Words) with { DocId = "e" }, 17));
        Assert.Empty(generator.Generate(Make("", "only four words here"), 17));
    }

    [Fact]
    public void Crop_CutsTextWithoutBlanks_BetweenCharacters()
    {
        const string text = "京都市は日本の近畿地方に位置する都市で、京都府の府庁所在地𠮷である。人口は約百四十万人。";
        var queries = new CropGenerator(new CropOptions { PerDocument = 40, MinWords = 2, MaxWords = 8, Keep = 0 }).Generate(Make("", text), 1).ToList();
        Assert.Equal(40, queries.Count);
        Assert.All(queries, q =>
        {
            Assert.InRange(q.Text.EnumerateRunes().Count(), 2, 20);
            var at = text.IndexOf(q.Text, StringComparison.Ordinal);
            Assert.Equal(text[..at] + text[(at + q.Text.Length)..], q.Passage);
            Assert.DoesNotContain(q.Text.EnumerateRunes(), r => r.Value == 0xFFFD);
        });
    }

    static Document Make(string title, string content) => new("d", title, content, "", "s", 0, "h", "g");
}
