using Trainer.Encoders;

namespace Trainer.Tests.Encoders;

public sealed class NgramTableTests
{
    [Fact]
    public void Create_PutsTokensThatShareLettersCloseTogether_AndGivesRowsTheAskedLength()
    {
        string?[] pieces = ["dictionary", "##dictionary", "dictionaries", "semaphore", "x", null];
        const int Dimensions = 2048;
        var table = NgramTable.Create(pieces, Dimensions, 1 / Math.Sqrt(Dimensions), 3);
        Assert.All(Enumerable.Range(0, pieces.Length), i => Assert.Equal(1, Dot(i, i), 0.15));

        // The same n-grams: all but the tenth that is the token's own. Other words: nothing.
        Assert.Equal(0.9, Dot(0, 1), 0.1);
        Assert.InRange(Dot(0, 2), 0.4, 0.9);
        Assert.Equal(0, Dot(0, 3), 0.1);
        Assert.Equal(table, NgramTable.Create(pieces, Dimensions, 1 / Math.Sqrt(Dimensions), 3));
        Assert.NotEqual(table, NgramTable.Create(pieces, Dimensions, 1 / Math.Sqrt(Dimensions), 4));

        double Dot(int a, int b) => Enumerable.Range(0, Dimensions).Sum(d => (double)table[(a * Dimensions) + d] * table[(b * Dimensions) + d]);
    }
}
