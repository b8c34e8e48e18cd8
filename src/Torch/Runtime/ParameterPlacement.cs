using TorchSharp.Modules;

namespace TorchSharp;

/// <summary>Moves parameters that no module holds.</summary>
public static class ParameterPlacement
{
    /// <summary>
    /// Moves parameters to a device in place: they stay the same objects, so that whoever holds them (an encoder, an optimizer, whose state follows at its next step) goes on with
    /// them. Gradients go along.
    /// </summary>
    /// <exception cref="TorchException">There is no such device; what was moved before stays moved.</exception>
    public static void MoveTo(this IEnumerable<Parameter> parameters, torch.Device device)
    {
        foreach (var p in parameters)
        {
            p.Convert(null, device);
        }
    }
}
