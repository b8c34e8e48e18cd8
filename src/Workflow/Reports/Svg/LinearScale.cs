namespace Workflow.Reports.Svg;

/// <summary>Maps values to coordinates, and chooses round tick values (1, 2, 2.5 or 5 times a power of ten).</summary>
public sealed class LinearScale
{
    readonly double start;
    readonly double end;
    readonly double step;

    /// <summary>Makes a scale over finite values.</summary>
    /// <param name="low">Lowest value to show.</param>
    /// <param name="high">Highest value to show; equal to <paramref name="low"/> is widened.</param>
    /// <param name="from">Coordinate of the low end.</param>
    /// <param name="to">Coordinate of the high end.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="nice">Widens the domain to whole ticks.</param>
    public LinearScale(double low, double high, double from, double to, int ticks = 5, bool nice = true)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high))
        {
            (low, high) = (0, 1);
        }

        if (high <= low)
        {
            var pad = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - pad, low + pad);
        }

        step = Step((high - low) / ticks);
        Low = nice ? Math.Floor((low / step) + 1e-9) * step : low;
        High = nice ? Math.Ceiling((high / step) - 1e-9) * step : high;
        start = from;
        end = to;
    }

    /// <summary>Lowest value of the domain.</summary>
    public double Low { get; }

    /// <summary>Highest value of the domain.</summary>
    public double High { get; }

    /// <summary>Coordinate of a value; outside values are clamped to the ends.</summary>
    public double this[double value] => start + ((Math.Clamp(value, Low, High) - Low) / (High - Low) * (end - start));

    /// <summary>Tick values, ascending.</summary>
    public IEnumerable<double> Ticks()
    {
        for (var i = (long)Math.Ceiling((Low / step) - 1e-9); i * step <= High + (step * 1e-6); i++)
        {
            yield return i * step;
        }
    }

    /// <summary>A tick's text: as many decimals as the step needs; thousands as k, millions as M; very small steps in scientific form.</summary>
    public string Label(double tick) => Plain(tick).Replace('-', '−');

    string Plain(double tick)
    {
        var top = Math.Max(Math.Abs(Low), Math.Abs(High));
        return (top, step) switch
        {
            ( >= 1e6, _) => $"{(tick / 1e6).ToString("0.##")}M",
            ( >= 1e4, _) => tick == 0 ? "0" : $"{(tick / 1e3).ToString("0.##")}k",
            ( < 1e-3, _) => tick == 0 ? "0" : tick.ToString("0.#e0"),
            (_, >= 1) => tick.ToString("0.#"),
            _ => tick.ToString("F" + Decimals(step)),
        };
    }

    static int Decimals(double step)
    {
        var places = 0;
        while (places < 6 && Math.Abs((step * Math.Pow(10, places)) - Math.Round(step * Math.Pow(10, places))) > 1e-6)
        {
            places++;
        }

        return places;
    }

    static double Step(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var unit = raw / power;
        return power * (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 2.5 ? 2.5 : unit <= 5 ? 5 : 10);
    }
}
