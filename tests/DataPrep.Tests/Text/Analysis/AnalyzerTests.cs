using DataPrep.Text.Analysis;

namespace DataPrep.Tests.Text.Analysis;

public sealed class AnalyzerTests
{
    [Theory]
    [InlineData("standard", "The O'Neil's 3.14 don't, foo_bar x.y 'quoted'", "the o'neil's 3.14 don't foo bar x y quoted")]
    [InlineData("standard", "ÉCOLE Straße हिन्दी 1,000 a,b", "école straße हिन्दी 1,000 a b")]
    [InlineData("standard", "東京 カタカナ ひら", "東 京 カタカナ ひ ら")]
    [InlineData("english", "The dog's running and the ponies' caresses", "dog run poni caress")]
    [InlineData("english", "Relational conditions that hop, hopping and hoped", "relat condit hop hop hope")]
    [InlineData("cjk", "東京都に住む IBM社 京", "東京 京都 都に に住 住む ibm 社 京")]
    [InlineData("cjk", "ｶﾞｷﾞ ＡＢＣ１２ 한국어", "ガギ abc12 한국 국어")]
    [InlineData("cjk", "𠀀𠀁。中", "𠀀𠀁 中")]
    [InlineData("code", "Dictionary.TryGetValue", "dictionari try get valu")]
    [InlineData("code", "XMLHttpRequest2 snake_case_name UTF8Encoding x", "xml http request 2 snake case name utf 8 encod x")]
    [InlineData("code", "Initializes a new instance of the List<T> class", "initi new instanc list t class")]
    [InlineData("standard", "", "")]
    [InlineData("cjk", "\ud840 x", "x")]
    public void Analyzer_GivesTheTerms_OfAText(string analyzer, string text, string expected)
    {
        var terms = new List<string>();
        AnalyzerTable.Create(analyzer).Analyze(text, terms);
        Assert.Equal(expected, string.Join(' ', terms));
    }

    [Fact]
    public void CodeAnalyzer_KeepsTheWholeIdentifier_WhenAsked()
    {
        var terms = new List<string>();
        new CodeAnalyzer(keepWhole: true, stem: false, stopWords: false).Analyze("TryGetValue of it", terms);
        Assert.Equal(["try", "get", "value", "trygetvalue", "of", "it"], terms);
    }

    [Fact]
    public void AnalyzerTable_NamesTheKnown_WhenAskedForAnother()
    {
        var fault = Assert.Throws<DataPrepException>(() => AnalyzerTable.Create("german"));
        Assert.Contains("standard, english, cjk, code", fault.Message);
    }
}
