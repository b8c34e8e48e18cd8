namespace Trainer.Training.Watching;

/// <summary>The line of least squares through points.</summary>
static class Slope
{
    /// <summary>Rise per step of the line through at least two points of different steps.</summary>
    public static double Of(IReadOnlyList<(double Step, double Value)> points)
    {
        var (x, y) = (points.Average(p => p.Step), points.Average(p => p.Value));
        return points.Sum(p => (p.Step - x) * (p.Value - y)) / points.Sum(p => (p.Step - x) * (p.Step - x));
    }
}
